// Transport: one accepted connection, plain or TLS, each wait with a limit.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace postern::web {

class Transport {
 public:
  /// `tls` is nullptr for a plain connection; it outlives the transport.
  Transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);
  Transport(Transport&&) noexcept = default;
  ~Transport();

  // Errors of all: net's timeout, closed, reset. After one the transport is only good for close().
  net::Task<Result<void>> handshake(Duration limit);  // nothing to do when plain
  net::Task<Result<std::size_t>> read_some(std::span<char> buffer, Duration limit);
  net::Task<Result<void>> write_all(std::string_view bytes, Duration limit);
  /// Says that no more will come; the peer may still be read.
  net::Task<void> finish_writing(Duration limit);

  /// Ends every wait. From the transport's executor.
  void close();

  /// Whether the peer has ended its side: what it asked for may be left.
  bool peer_gone() const;

  bool secure() const;
  std::string peer() const;  // the address, without the port

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with timer handlers on their way
};

/// Reads certificate chain and key into a context for servers (TLS 1.2 and later).
/// Errors: std::errc's invalid_argument with the file's name and OpenSSL's reason.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const std::string& certificate,
                                                                    const std::string& key);

}  // namespace postern::web
