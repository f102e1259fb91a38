// Asio's socket and its TLS stream, with a timer that closes them when a wait takes too long.
#include "web/server_transport.hpp"

#include "net/env.hpp"

#include <poll.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <optional>

namespace postern::web {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Transport::State {
  State(tcp::socket accepted, ssl::context* tls_context)
      : socket(std::move(accepted)), timer(socket.get_executor()) {
    if (tls_context != nullptr) tls.emplace(socket, *tls_context);
    boost::system::error_code ec;
    if (const auto end = socket.remote_endpoint(ec); !ec) peer = end.address().to_string();
  }

  void close() {
    boost::system::error_code ignored;
    socket.close(ignored);
    timer.cancel();
  }

  tcp::socket socket;
  std::optional<ssl::stream<tcp::socket&>> tls;
  asio::steady_timer timer;
  std::uint64_t waits = 0;  // which wait the timer belongs to
  bool late = false;
  std::string peer;
};

namespace {

/// Closes the transport when a wait passes its limit. A late handler finds another wait's number.
template <class State>
class Deadline {
 public:
  Deadline(const std::shared_ptr<State>& state, Duration limit) : state_(*state) {
    const auto mine = ++state_.waits;
    state_.timer.expires_after(limit);
    state_.timer.async_wait(
        [weak = std::weak_ptr<State>(state), mine](boost::system::error_code ec) {
          const auto alive = weak.lock();
          if (ec || !alive || alive->waits != mine) return;
          alive->late = true;
          alive->close();
        });
  }
  ~Deadline() {
    ++state_.waits;
    state_.timer.cancel();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  State& state_;
};

template <class State>
Error failure(const State& state, const boost::system::error_code& ec) {
  if (state.late) return {make_error_code(net::errc::timeout), ""};
  const bool ended = ec == asio::error::eof || ec == ssl::error::stream_truncated;
  if (ended || ec == asio::error::operation_aborted)
    return {make_error_code(net::errc::closed), ""};
  return {make_error_code(net::errc::reset), ec.message()};
}

}  // namespace

Transport::Transport(tcp::socket socket, ssl::context* tls)
    : state_(std::make_shared<State>(std::move(socket), tls)) {}

Transport::~Transport() {
  if (state_) state_->close();
}

net::Task<Result<void>> Transport::handshake(Duration limit) {
  if (!state_->tls) co_return success();
  const Deadline deadline(state_, limit);
  const auto [ec] = co_await state_->tls->async_handshake(ssl::stream_base::server, use_tuple);
  if (ec) co_return failure(*state_, ec);
  co_return success();
}

net::Task<Result<std::size_t>> Transport::read_some(std::span<char> buffer, Duration limit) {
  const Deadline deadline(state_, limit);
  const auto place = asio::buffer(buffer.data(), buffer.size());
  boost::system::error_code error;
  std::size_t count = 0;
  if (state_->tls) {
    const auto [ec, read] = co_await state_->tls->async_read_some(place, use_tuple);
    error = ec;
    count = read;
  } else {
    const auto [ec, read] = co_await state_->socket.async_read_some(place, use_tuple);
    error = ec;
    count = read;
  }
  if (error) co_return failure(*state_, error);
  co_return count;
}

net::Task<Result<void>> Transport::write_all(std::string_view bytes, Duration limit) {
  const Deadline deadline(state_, limit);
  const auto place = asio::buffer(bytes.data(), bytes.size());
  boost::system::error_code error;
  if (state_->tls) {
    const auto [ec, count] = co_await asio::async_write(*state_->tls, place, use_tuple);
    error = ec;
  } else {
    const auto [ec, count] = co_await asio::async_write(state_->socket, place, use_tuple);
    error = ec;
  }
  if (error) co_return failure(*state_, error);
  co_return success();
}

net::Task<void> Transport::finish_writing(Duration limit) {
  if (state_->tls) {
    const Deadline deadline(state_, limit);
    co_await state_->tls->async_shutdown(use_tuple);
  }
  boost::system::error_code ignored;
  state_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::close() {
  state_->close();
}

bool Transport::peer_gone() const {
  if (!state_->socket.is_open()) return true;
  struct pollfd facts {};
  facts.fd = state_->socket.native_handle();
  facts.events = POLLRDHUP;
  return ::poll(&facts, 1, 0) > 0;  // also for POLLHUP and POLLERR
}

bool Transport::secure() const {
  return state_->tls.has_value();
}

std::string Transport::peer() const {
  return state_->peer;
}

namespace {

Error unusable(const std::string& file, const boost::system::error_code& ec) {
  return {make_error_code(boost::system::errc::invalid_argument), file + ": " + ec.message()};
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_tls_context(const std::string& certificate,
                                                       const std::string& key) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  boost::system::error_code ec;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       ssl::context::no_compression | SSL_OP_NO_RENEGOTIATION);
  // Of TLS 1.2 only what keeps its secrets when the key is lost later, and proves each record; all
  // of TLS 1.3 does.
  POSTERN_ASSERT(SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20") ==
                 1);
  context->use_certificate_chain_file(certificate, ec);
  if (ec) return unusable(certificate, ec);
  context->use_private_key_file(key, ssl::context::pem, ec);
  if (ec) return unusable(key, ec);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Error{make_error_code(boost::system::errc::invalid_argument),
                 key + " is not the key of " + certificate};
  }
  return context;
}

}  // namespace postern::web
