// Accepting, with a bound on how many; the longest waiting one makes room for the next.
#include "web/server_listener.hpp"

#include "core/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace postern::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
/// After a failed accept (no file descriptor is left): trying at once would spin.
constexpr Duration accept_pause{100};

Error unusable(const std::string& listen, const boost::system::error_code& ec) {
  if (ec == asio::error::address_in_use) {
    return {ec, "the port of " + listen + " is taken: another program listens there"};
  }
  return {ec, "cannot listen on " + listen};
}

/// When all connections have a request under way: a short answer, as far as it fits the socket.
void turn_away(tcp::socket& socket, bool plain) {
  constexpr std::string_view answer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  if (plain) socket.write_some(asio::buffer(answer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  socket.close(ignored);
}

}  // namespace

Result<tcp::endpoint> parse_listen(const std::string& listen) {
  const auto invalid = [&] {
    return Error{make_error_code(boost::system::errc::invalid_argument),
                 "\"" + listen + "\" is not ADDRESS:PORT"};
  };
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return invalid();
  std::string host = listen.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto* end = listen.data() + listen.size();
  const auto [read, ec] = std::from_chars(listen.data() + colon + 1, end, port);
  boost::system::error_code bad_address;
  const auto address = asio::ip::make_address(host, bad_address);
  if (ec != std::errc() || read != end || bad_address) return invalid();
  return tcp::endpoint(address, port);
}

Listener::Listener(const asio::any_io_executor& executor, ServerShared& shared, Tls tls)
    : scope_(executor), acceptor_(executor), shared_(shared), tls_(std::move(tls)) {}

Result<void> Listener::bind(const std::string& listen) {
  POSTERN_TRY(const auto endpoint, parse_listen(listen));
  boost::system::error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(tcp::acceptor::max_listen_connections, ec);
  if (ec) return unusable(listen, ec);
  port_ = acceptor_.local_endpoint().port();
  return success();
}

void Listener::start() {
  scope_.spawn(accept());
}

void Listener::stop() {
  shared_.stopping = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (auto* each : all) {
    if (each->waiting()) each->close();
  }
}

void Listener::abort() {
  scope_.stop();
}

net::Task<void> Listener::join() {
  co_await scope_.join();
}

bool Listener::make_room() {
  if (connections_.size() < shared_.limits.connections) return true;
  Connection* oldest = nullptr;
  for (auto* each : connections_) {
    if (!each->waiting()) continue;
    if (oldest == nullptr || each->waiting_since() < oldest->waiting_since()) oldest = each;
  }
  if (oldest == nullptr) return false;
  oldest->close();
  connections_.erase(oldest);
  return true;
}

net::Task<void> Listener::accept() {
  for (;;) {
    auto [ec, socket] = co_await acceptor_.async_accept(use_tuple);
    if (shared_.stopping) co_return;
    if (ec) {
      log::warn("accepting a connection failed: {}", ec.message());
      asio::steady_timer pause(acceptor_.get_executor(), accept_pause);
      co_await pause.async_wait(use_tuple);
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (!make_room()) {
      turn_away(socket, tls_ == nullptr);
      continue;
    }
    scope_.spawn(serve(std::move(socket)));
  }
}

net::Task<void> Listener::serve(tcp::socket socket) {
  struct Registered {
    std::set<Connection*>& all;
    Connection& connection;
    Registered(std::set<Connection*>& set, Connection& one) : all(set), connection(one) {
      all.insert(&connection);
    }
    ~Registered() { all.erase(&connection); }
  };
  const Tls tls = tls_;
  Connection connection(shared_, Transport(std::move(socket), tls.get()));
  const Registered registered(connections_, connection);
  co_await connection.run();
}

}  // namespace postern::web
