#include "net/socket_stream.hpp"

#include "net/cancelled.hpp"
#include "net/clock.hpp"
#include "net/tls_session.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cerrno>

namespace postern::net {
namespace asio = boost::asio;
namespace {

constexpr int keepalive_idle_seconds = 60;
constexpr int keepalive_interval_seconds = 15;
constexpr int keepalive_probes_max = 4;
constexpr int user_timeout_milliseconds = 120'000;  // unacknowledged data: then the line is dead
constexpr int drain_reads_max = 16;
constexpr Duration limit_max = std::chrono::hours(24 * 365);

std::string system_message(int number) {
  return error_code(number, boost::system::system_category()).message();
}

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);  // best effort: a socket works without
}

void set_options(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes_max);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_milliseconds);
}

class SocketStream final : public ServerStream {
 public:
  SocketStream(std::shared_ptr<TlsContexts> contexts, const asio::any_io_executor& executor, int fd,
               std::string peer)
      : contexts_(std::move(contexts)),
        descriptor_(executor, fd),
        timer_(executor),
        peer_(std::move(peer)),
        alive_(std::make_shared<char>()) {
    descriptor_.non_blocking(true);
  }
  ~SocketStream() override { close(); }

  Task<Result<std::size_t>> read_some(std::span<char> buffer, Duration limit) override;
  void end_read() noexcept override;
  Task<Result<void>> write_all(std::string_view bytes, Duration limit) override;
  Task<Result<void>> start_tls(std::string host, TlsPolicy policy, Duration limit) override;
  Task<Result<void>> accept_tls(std::shared_ptr<const ServerTls> tls, Duration limit) override;
  std::optional<TlsFacts> tls_facts() const override;
  std::string peer_address() const override { return peer_; }
  void close() noexcept override;

  /// Waits for the end of connect(2): 0 or its errno, ETIMEDOUT after `limit`.
  Task<int> finish_connect(Duration limit);

 private:
  // A reader and a writer may wait at the same time; each has its own limit.
  enum Side { reading = 0, writing = 1 };
  struct Wait {
    bool active = false;
    bool timed_out = false;
    Duration deadline{};
    bool has_deadline = false;  // taken from the clock at the first wait: most calls need none
  };
  // One call of the interface; a cancelled one leaves no wait behind.
  struct Call {
    Wait& wait;
    Duration limit;
    Call(Wait& of, Duration within) : wait(of), limit(within) {
      POSTERN_ASSERT(!wait.active);
      wait = Wait{};
      wait.active = true;
    }
    ~Call() { wait.active = false; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
  };

  Step try_read(std::span<char> buffer);
  Step try_write(std::string_view bytes);
  Task<Result<void>> shake_hands(Duration limit);
  Task<Result<void>> wait_for(Call& call, Step::Kind what);
  void arm();
  void on_timer();

  std::shared_ptr<TlsContexts> contexts_;  // shared with the Env and its other streams
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer timer_;  // one for both sides, see arm()
  Duration timer_deadline_{};
  bool timer_armed_ = false;
  std::array<Wait, 2> waits_;
  std::unique_ptr<TlsSession> tls_;
  bool encrypted_ = false;
  std::string peer_;
  std::shared_ptr<char> alive_;  // watched by the timer's handler, which may come after us
};

Step SocketStream::try_read(std::span<char> buffer) {
  if (tls_ && !encrypted_) return Step::fail({errc::tls_handshake, "it was broken off"});
  if (tls_) return tls_->read(buffer);
  const auto count = recv(descriptor_.native_handle(), buffer.data(), buffer.size(), 0);
  if (count > 0) return Step::moved(static_cast<std::size_t>(count));
  if (count == 0) return Step::fail({errc::closed, ""});
  if (errno == EAGAIN || errno == EINTR) return Step::wait_for(Step::Kind::want_read);
  return Step::fail({errc::reset, system_message(errno)});
}

Step SocketStream::try_write(std::string_view bytes) {
  if (tls_ && !encrypted_) return Step::fail({errc::tls_handshake, "it was broken off"});
  if (tls_) return tls_->write(bytes);
  const auto count = send(descriptor_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return Step::moved(static_cast<std::size_t>(count));
  if (errno == EAGAIN || errno == EINTR) return Step::wait_for(Step::Kind::want_write);
  return Step::fail({errc::reset, system_message(errno)});
}

// The timer is set for the nearest deadline and left alone when that call ends early: at 10,000
// reads a second nothing is set or cancelled, and the timer looks again when it fires.
void SocketStream::arm() {
  std::optional<Duration> nearest;
  for (const auto& wait : waits_) {
    if (!wait.active || !wait.has_deadline || wait.timed_out) continue;
    nearest = nearest ? std::min(*nearest, wait.deadline) : wait.deadline;
  }
  if (!nearest || (timer_armed_ && timer_deadline_ <= *nearest)) return;
  timer_armed_ = true;
  timer_deadline_ = *nearest;
  timer_.expires_after(std::max(*nearest - steady_now(), Duration(0)));
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const error_code& error) {
    if (!error && !alive.expired()) on_timer();
  });
}

void SocketStream::on_timer() {
  timer_armed_ = false;
  bool passed = false;
  for (auto& wait : waits_) {
    if (!wait.active || !wait.has_deadline || steady_now() < wait.deadline) continue;
    wait.timed_out = true;
    passed = true;
  }
  error_code ignored;
  if (passed) descriptor_.cancel(ignored);  // the other side, if it waits too, just waits again
  arm();
}

// Success means: try again.
Task<Result<void>> SocketStream::wait_for(Call& call, Step::Kind what) {
  if (!descriptor_.is_open()) co_return Error{errc::closed, "by us"};
  if (call.limit <= Duration(0) || call.wait.timed_out) co_return Error{errc::timeout, ""};
  if (!call.wait.has_deadline) {
    call.wait.deadline = steady_now() + std::min(call.limit, limit_max);
    call.wait.has_deadline = true;
  }
  arm();
  const auto type = what == Step::Kind::want_write ? asio::posix::descriptor_base::wait_write
                                                   : asio::posix::descriptor_base::wait_read;
  co_await descriptor_.async_wait(type, asio::as_tuple(asio::use_awaitable));
  throw_if_cancelled(co_await asio::this_coro::cancellation_state);
  if (!descriptor_.is_open()) co_return Error{errc::closed, "by us"};
  if (call.wait.timed_out) co_return Error{errc::timeout, ""};
  co_return success();
}

Task<Result<std::size_t>> SocketStream::read_some(std::span<char> buffer, Duration limit) {
  POSTERN_ASSERT(!buffer.empty());
  if (!descriptor_.is_open()) co_return Error{errc::closed, "by us"};
  Call call(waits_[reading], limit);
  for (;;) {
    auto step = try_read(buffer);
    if (step.kind == Step::Kind::done) co_return step.bytes;
    if (step.kind == Step::Kind::failed) co_return std::move(step.error);
    POSTERN_CO_TRY(co_await wait_for(call, step.kind));
  }
}

void SocketStream::end_read() noexcept {
  auto& wait = waits_[reading];
  if (!wait.active || !descriptor_.is_open()) return;
  wait.timed_out = true;
  error_code ignored;
  descriptor_.cancel(ignored);  // a writer that waits too just waits again
}

Task<Result<void>> SocketStream::write_all(std::string_view bytes, Duration limit) {
  if (!descriptor_.is_open()) co_return Error{errc::closed, "by us"};
  Call call(waits_[writing], limit);
  while (!bytes.empty()) {
    auto step = try_write(bytes);
    if (step.kind == Step::Kind::failed) co_return std::move(step.error);
    if (step.kind == Step::Kind::done) {
      bytes.remove_prefix(step.bytes);
      continue;
    }
    POSTERN_CO_TRY(co_await wait_for(call, step.kind));
  }
  co_return success();
}

// Nothing passes over a connection whose handshake did not come to its good end.
Task<Result<void>> SocketStream::start_tls(std::string host, TlsPolicy policy, Duration limit) {
  POSTERN_ASSERT(!tls_);
  if (!descriptor_.is_open()) co_return Error{errc::closed, "by us"};
  auto made = TlsSession::make(*contexts_, descriptor_.native_handle(), std::move(host), policy);
  if (!made) {
    close();
    co_return std::move(made).error();
  }
  tls_ = std::move(made).value();
  co_return co_await shake_hands(limit);
}

Task<Result<void>> SocketStream::accept_tls(std::shared_ptr<const ServerTls> tls, Duration limit) {
  POSTERN_ASSERT(!tls_);
  if (!descriptor_.is_open()) co_return Error{errc::closed, "by us"};
  auto made = TlsSession::make_server(tls->context(), descriptor_.native_handle());
  if (!made) {
    close();
    co_return std::move(made).error();
  }
  tls_ = std::move(made).value();
  co_return co_await shake_hands(limit);
}

Task<Result<void>> SocketStream::shake_hands(Duration limit) {
  Call call(waits_[reading], limit);
  for (;;) {
    auto step = tls_->handshake();
    if (step.kind == Step::Kind::done) break;
    auto waited = step.kind == Step::Kind::failed ? Result<void>(std::move(step.error))
                                                  : Result<void>(success());
    if (waited) waited = co_await wait_for(call, step.kind);
    if (!waited) {
      close();
      co_return waited;
    }
  }
  encrypted_ = true;
  co_return success();
}

Task<int> SocketStream::finish_connect(Duration limit) {
  Call call(waits_[writing], limit);
  const auto ready = co_await wait_for(call, Step::Kind::want_write);
  if (!ready) co_return ETIMEDOUT;
  int number = 0;
  socklen_t size = sizeof number;
  getsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_ERROR, &number, &size);
  co_return number;
}

std::optional<TlsFacts> SocketStream::tls_facts() const {
  if (!encrypted_ || !descriptor_.is_open()) return std::nullopt;
  return tls_->facts();
}

// Bytes left unread (TLS 1.3 session tickets are, on a connection that only wrote) would make the
// kernel break the line, and what we wrote last would be lost with it.
void drain(int fd) {
  std::array<char, 4096> buffer;
  for (int i = 0; i < drain_reads_max; ++i) {
    if (recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0) return;
  }
}

void SocketStream::close() noexcept {
  if (!descriptor_.is_open()) return;
  if (tls_) tls_->shut_down();
  drain(descriptor_.native_handle());
  error_code ignored;
  descriptor_.close(ignored);
  timer_.cancel();
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect_socket(std::shared_ptr<TlsContexts> contexts,
                                                     Address address, std::uint16_t port,
                                                     Duration limit) {
  const auto target = socket_address(address, port);
  auto executor = co_await asio::this_coro::executor;
  const int fd = socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return Error{errc::io, system_message(errno)};
  set_options(fd);
  auto stream = std::make_unique<SocketStream>(std::move(contexts), std::move(executor), fd,
                                               to_string(address, port));
  int number = 0;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&target.storage), target.length) != 0) {
    number = errno;
  }
  if (number == EINPROGRESS) number = co_await stream->finish_connect(limit);
  if (number == ETIMEDOUT) co_return Error{errc::connect_timeout, to_string(address, port)};
  if (number != 0) {
    co_return Error{errc::refused, to_string(address, port) + ": " + system_message(number)};
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

std::unique_ptr<Stream> make_socket_stream(std::shared_ptr<TlsContexts> contexts,
                                           asio::any_io_executor executor, int fd,
                                           std::string peer_address) {
  return std::make_unique<SocketStream>(std::move(contexts), std::move(executor), fd,
                                        std::move(peer_address));
}

std::unique_ptr<ServerStream> accepted_stream(asio::any_io_executor executor, int fd,
                                              std::string peer_address) {
  set_options(fd);
  return std::make_unique<SocketStream>(nullptr, std::move(executor), fd, std::move(peer_address));
}

}  // namespace postern::net
