#include "net/real_env.hpp"

#include "net/address.hpp"
#include "net/cancelled.hpp"
#include "net/clock.hpp"
#include "net/resolver.hpp"
#include "net/socket_stream.hpp"
#include "net/tls_session.hpp"

#include <openssl/rand.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <tuple>

namespace postern::net {
namespace asio = boost::asio;
namespace {

constexpr Duration wait_max = std::chrono::hours(24 * 365);
// Two SYNs are repeated in it; then the next address gets its chance.
constexpr Duration address_share_max = std::chrono::seconds(4);
constexpr std::size_t detail_bytes_max = 1000;

class SteadyTimer final : public Timer {
 public:
  explicit SteadyTimer(const asio::any_io_executor& executor) : timer_(executor) {}

  Task<bool> wait(Duration duration) override {
    timer_.expires_after(std::clamp(duration, Duration(0), wait_max));
    const auto [error] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    throw_if_cancelled(co_await asio::this_coro::cancellation_state);
    co_return !error;
  }

  void cancel() override { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

class RealEnv final : public Env {
 public:
  RealEnv(EgressPolicy egress, std::unique_ptr<Resolver> resolver)
      : egress_(std::move(egress)), resolver_(std::move(resolver)) {}

  Instant now() override { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }
  Duration steady() override { return steady_now(); }
  std::uint64_t random() override {
    std::uint64_t value = 0;
    POSTERN_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) == 1);
    return value;
  }
  std::unique_ptr<Timer> make_timer(asio::any_io_executor executor) override {
    return std::make_unique<SteadyTimer>(executor);
  }
  Task<Result<std::vector<std::string>>> resolve(std::string host, Duration limit) override;
  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint endpoint, Duration limit) override;

 private:
  Task<Result<std::unique_ptr<Stream>>> connect_to_one_of(std::vector<Address> addresses,
                                                          std::uint16_t port, Duration deadline);

  const EgressPolicy egress_;
  const std::unique_ptr<Resolver> resolver_;
  // Shared with the streams, which may outlive a caller's use of the Env.
  const std::shared_ptr<TlsContexts> contexts_ = std::make_shared<TlsContexts>();
};

Task<Result<std::vector<std::string>>> RealEnv::resolve(std::string host, Duration limit) {
  if (const auto literal = parse_address(host)) {
    co_return std::vector<std::string>{to_string(*literal)};
  }
  co_return co_await resolver_->resolve(std::move(host), limit);
}

// The first addresses get a few seconds each, the last all that is left.
Task<Result<std::unique_ptr<Stream>>> RealEnv::connect_to_one_of(std::vector<Address> addresses,
                                                                 std::uint16_t port,
                                                                 Duration deadline) {
  Error worst{errc::connect_timeout, "no time was left"};
  std::string details;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = deadline - steady_now();
    if (left <= Duration(0)) break;
    const auto rest = static_cast<Duration::rep>(addresses.size() - i);
    const auto share = rest == 1 ? left : std::min(address_share_max, left / rest);
    auto stream = co_await connect_socket(contexts_, addresses[i], port, share);
    if (stream) co_return std::move(stream);
    const bool silent = i > 0 && worst.code == errc::connect_timeout;
    if (!silent) worst.code = stream.error().code;
    if (!details.empty()) details += "; ";
    details += stream.error().detail;
  }
  if (!details.empty()) worst.detail = details.substr(0, detail_bytes_max);
  co_return worst;
}

Task<Result<std::unique_ptr<Stream>>> RealEnv::connect(Endpoint endpoint, Duration limit) {
  const auto deadline = steady_now() + std::min(limit, wait_max);
  POSTERN_CO_TRY(auto names, co_await resolve(endpoint.host, limit));
  std::vector<Address> allowed;
  std::string denied;
  for (const auto& name : names) {
    const auto address = parse_address(name);
    if (!address) continue;
    if (egress_.allows(*address)) {
      allowed.push_back(*address);
    } else {
      denied += " " + name;
    }
  }
  if (allowed.empty()) co_return Error{errc::egress_denied, endpoint.host + " is" + denied};
  co_return co_await connect_to_one_of(std::move(allowed), endpoint.port, deadline);
}

}  // namespace

Duration steady_now() {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

Result<std::unique_ptr<Env>> make_real_env(const RealEnvOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  POSTERN_TRY(auto egress, EgressPolicy::parse(options.egress_deny));
  POSTERN_TRY(auto resolver, Resolver::make(options.dns_servers));
  return std::unique_ptr<Env>(std::make_unique<RealEnv>(std::move(egress), std::move(resolver)));
}

}  // namespace postern::net
