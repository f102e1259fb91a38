// Scope: owns coroutines. The only place that spawns or cancels them, and the only one that
// catches cancellation. Ownership of running work is a tree of scopes.
#pragma once

#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace postern::net {

class Scope {
 public:
  explicit Scope(boost::asio::any_io_executor executor);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();  // asserts that nothing runs any more: join() first

  /// Starts `task` on the executor, never before spawn() has returned. A foreign exception ends the
  /// process: it is our mistake. Ignored after stop(). Must be called on the executor's thread (or
  /// before it runs).
  void spawn(Task<void> task);

  /// Cancels everything that runs here; returns at once. Idempotent. May be called from a coroutine
  /// of this scope, which then ends at its next co_await. Like spawn(), on the executor's thread or
  /// while it does not run.
  void stop();

  /// Returns when nothing runs here any more. To be called on the executor's thread, from a
  /// coroutine of another scope. Cancelling the joiner stops this scope; join() still returns only
  /// when all have ended, and the cancellation is thrown at the joiner's next co_await.
  Task<void> join();

  std::size_t running() const;
  boost::asio::any_io_executor executor() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the coroutines' completion handlers
};

namespace detail {
/// run_on for a task that keeps its own result.
Task<void> run_void_on(boost::asio::any_io_executor executor, Task<void> task);

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}
}  // namespace detail

/// Runs `task` on `executor` from a coroutine of another executor, and comes back with its
/// result on the caller's. Cancelling the caller cancels the task; its exceptions come back too,
/// and operation_aborted from one that was cancelled before it began.
template <class T>
Task<T> run_on(boost::asio::any_io_executor executor, Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    co_await detail::run_void_on(std::move(executor), std::move(task));
  } else {
    std::optional<T> result;  // outlives the task: run_void_on returns after its end
    co_await detail::run_void_on(std::move(executor), detail::keep_result(std::move(task), result));
    co_return std::move(*result);
  }
}

}  // namespace postern::net
