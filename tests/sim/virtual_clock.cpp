#include "sim/virtual_clock.hpp"

#include "core/result.hpp"
#include "net/cancelled.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace postern::sim {
namespace asio = boost::asio;

struct VirtualClock::Sleeper {
  VirtualClock* clock;
  asio::any_io_executor executor;
  asio::any_completion_handler<void(bool)> handler;
  Key key;

  // Never resumes the sleeper on the caller's stack.
  void end(bool passed) {
    if (!handler) return;
    clock->sleepers_.erase(key);
    asio::post(executor,
               [woken = std::move(handler), passed]() mutable { std::move(woken)(passed); });
  }
};

void VirtualClock::drop_sleepers() {
  // A sleeping coroutine owns its Alarm, and the Alarm shares the Sleeper that owns the coroutine.
  while (!sleepers_.empty()) {
    const auto sleeper = sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    const auto handler = std::move(sleeper->handler);
  }
}

std::optional<Duration> VirtualClock::next() const {
  if (sleepers_.empty()) return std::nullopt;
  return sleepers_.begin()->first.first;
}

void VirtualClock::ring_next() {
  if (sleepers_.empty()) return;
  const auto sleeper = sleepers_.begin()->second;
  sleeper->end(true);
}

Alarm::Alarm(VirtualClock& clock, asio::any_io_executor executor)
    : clock_(clock), sleeper_(std::make_shared<VirtualClock::Sleeper>()) {
  sleeper_->clock = &clock;
  sleeper_->executor = std::move(executor);
}

Alarm::~Alarm() = default;

bool Alarm::waiting() const {
  return static_cast<bool>(sleeper_->handler);
}

void Alarm::ring() {
  sleeper_->end(false);
}

net::Task<bool> Alarm::wait(Duration duration) {
  POSTERN_ASSERT(!waiting());
  constexpr Duration forever = std::chrono::hours(24 * 365 * 100);
  sleeper_->key = {clock_.now_ + std::clamp(duration, Duration(0), forever), ++clock_.sequence_};
  const bool passed = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
      [](asio::any_completion_handler<void(bool)> handler,
         const std::shared_ptr<VirtualClock::Sleeper>& sleeper) {
        if (auto slot = handler.get_cancellation_slot(); slot.is_connected()) {
          slot.assign([weak = std::weak_ptr(sleeper)](asio::cancellation_type) {
            if (const auto alive = weak.lock()) alive->end(false);
          });
        }
        sleeper->handler.swap(handler);  // its assignment recurses without end in Boost 1.81
        sleeper->clock->sleepers_.emplace(sleeper->key, sleeper);
      },
      asio::use_awaitable, sleeper_);
  net::throw_if_cancelled(co_await asio::this_coro::cancellation_state);
  co_return passed;
}

}  // namespace postern::sim
