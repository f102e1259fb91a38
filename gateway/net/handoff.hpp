// Handoff: one value made on another thread for a coroutine that waits on its own executor.
//
// The waiter may be cancelled, or be gone together with its io_context, before the value comes: the
// giver then drops it. Both sides share the Handoff by shared_ptr.
#pragma once

#include "core/time.hpp"
#include "net/cancelled.hpp"
#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace postern::net {

template <class T>
class Handoff : public std::enable_shared_from_this<Handoff<T>> {
 public:
  explicit Handoff(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// From any thread, once.
  void give(T value) {
    const std::lock_guard lock(mutex_);
    if (abandoned_) return;
    boost::asio::post(executor_,
                      [self = this->shared_from_this(), given = std::move(value)]() mutable {
                        if (self->abandoned_) return;
                        self->value_ = std::move(given);
                        if (self->timer_ != nullptr) self->timer_->cancel();
                      });
  }

  /// On the executor, once: the value, or nothing when `limit` passed before it came.
  static Task<std::optional<T>> take(std::shared_ptr<Handoff> self, Duration limit) {
    const Abandoning abandoning(*self);
    boost::asio::steady_timer timer(self->executor_, limit);
    self->timer_ = &timer;
    if (!self->value_) {
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    self->timer_ = nullptr;
    throw_if_cancelled(co_await boost::asio::this_coro::cancellation_state);
    co_return std::move(self->value_);
  }

  /// True when nobody waits any more.
  bool abandoned() const {
    const std::lock_guard lock(mutex_);
    return abandoned_;
  }

 private:
  struct Abandoning {
    Handoff& handoff;
    explicit Abandoning(Handoff& of) : handoff(of) {}
    ~Abandoning() {
      const std::lock_guard lock(handoff.mutex_);
      handoff.abandoned_ = true;
      handoff.timer_ = nullptr;
    }
  };

  boost::asio::any_io_executor executor_;
  mutable std::mutex mutex_;
  bool abandoned_ = false;  // written on the executor, under the mutex
  std::optional<T> value_;  // these two on the executor alone
  boost::asio::steady_timer* timer_ = nullptr;
};

}  // namespace postern::net
