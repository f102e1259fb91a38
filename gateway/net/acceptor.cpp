// A listening socket, and SocketStreams of what it accepts.
#include "net/address.hpp"
#include "net/cancelled.hpp"
#include "net/server_stream.hpp"
#include "net/socket_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::net {
namespace asio = boost::asio;
namespace {

using asio::ip::tcp;

std::string text_of(const tcp::endpoint& peer) {
  auto address = peer.address();
  // An IPv4 client of a port that listens to both is known by its IPv4 address.
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  const auto port = std::to_string(peer.port());
  return address.is_v6() ? "[" + address.to_string() + "]:" + port
                         : address.to_string() + ":" + port;
}

class TcpAcceptor final : public Acceptor {
 public:
  explicit TcpAcceptor(tcp::acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  Task<Result<std::unique_ptr<ServerStream>>> accept() override {
    if (!acceptor_.is_open()) co_return Error{errc::closed, "by us"};
    tcp::endpoint peer;
    auto [error, socket] =
        co_await acceptor_.async_accept(peer, asio::as_tuple(asio::use_awaitable));
    throw_if_cancelled(co_await asio::this_coro::cancellation_state);
    if (!acceptor_.is_open()) co_return Error{errc::closed, "by us"};
    if (error) co_return Error{errc::io, error.message()};
    error_code failed;
    const int fd = socket.release(failed);
    if (failed) co_return Error{errc::io, failed.message()};
    co_return accepted_stream(acceptor_.get_executor(), fd, text_of(peer));
  }
  std::uint16_t port() const override {
    error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }
  void close() noexcept override {
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  tcp::acceptor acceptor_;
};

}  // namespace

Result<std::unique_ptr<Acceptor>> listen_on(const asio::any_io_executor& executor,
                                            const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return Error{errc::io, "\"" + host + "\" is not an IP address"};
  const tcp::endpoint endpoint(address, port);
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) {
    return std::unique_ptr<Acceptor>(std::make_unique<TcpAcceptor>(std::move(acceptor)));
  }
  const auto where = host + " port " + std::to_string(port);
  if (error == asio::error::address_in_use) {
    return Error{errc::io, where + " is taken: another program listens there"};
  }
  return Error{errc::io, "cannot listen on " + where + ": " + error.message()};
}

}  // namespace postern::net
