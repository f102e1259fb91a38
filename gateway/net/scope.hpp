// Scope: owns coroutines. The only place that spawns or cancels them, and the only one that
// catches cancellation. Ownership of running work is a tree of scopes.
#pragma once

#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace postern::net {

class Scope {
 public:
  explicit Scope(boost::asio::any_io_executor executor);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();  // asserts that nothing runs any more: join() first

  /// Starts `task` on the executor. A foreign exception ends the process: it is our mistake.
  /// Ignored after stop(). Must be called on the executor's thread (or before it runs).
  void spawn(Task<void> task);

  /// Cancels everything that runs here; returns at once. Idempotent.
  void stop();

  /// Returns when nothing runs here any more.
  Task<void> join();

  std::size_t running() const;
  boost::asio::any_io_executor executor() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the coroutines' completion handlers
};

/// Runs `task` on `executor` from a coroutine of another executor, and comes back with its
/// result on the caller's. Cancelling the caller cancels the task.
template <class T>
Task<T> run_on(boost::asio::any_io_executor executor, Task<T> task);

}  // namespace postern::net
