// Listener: the port, the connections on it, and their end.
#pragma once

#include "net/scope.hpp"
#include "web/server_connection.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <set>
#include <string>

namespace postern::web {

/// "127.0.0.1:8025", "[::1]:8025", "localhost:0". Errors: std::errc's invalid_argument.
Result<boost::asio::ip::tcp::endpoint> parse_listen(const std::string& listen);

/// Lives on one executor. `tls` is nullptr for plain HTTP; `shared` outlives the listener.
class Listener {
 public:
  /// A connection shares the context that it began with, since another may take its place.
  using Tls = std::shared_ptr<boost::asio::ssl::context>;

  Listener(const boost::asio::any_io_executor& executor, ServerShared& shared, Tls tls);

  /// Errors: the system's, with a sentence: address in use, not ours, not allowed.
  Result<void> bind(const std::string& listen);
  std::uint16_t port() const { return port_; }

  void start();
  /// Of connections from now on.
  void use(Tls tls) { tls_ = std::move(tls); }
  /// Closes the port and every connection without a request; the others end after their answer.
  void stop();
  /// Ends what is left.
  void abort();
  /// Returns when no connection is left. After stop().
  net::Task<void> join();

 private:
  net::Task<void> accept();
  net::Task<void> serve(boost::asio::ip::tcp::socket socket);
  bool make_room();

  net::Scope scope_;
  boost::asio::ip::tcp::acceptor acceptor_;
  ServerShared& shared_;
  Tls tls_;
  std::set<Connection*> connections_;  // those that were not told to go
  std::uint16_t port_ = 0;
};

}  // namespace postern::web
