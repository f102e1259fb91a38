// Errand: work that is done whenever there is some, by a coroutine that lives no longer than that.
// Ten thousand integrations rest most of the time: a waiting coroutine of each would take 2 KiB.
#pragma once

#include "net/env.hpp"
#include "net/scope.hpp"

#include <functional>
#include <memory>

namespace postern::net {

class Errand {
 public:
  /// One look at what there is to do; gives how long until the next look, if no hint comes before.
  using Work = std::function<Task<Duration>()>;
  /// Nothing to do until a hint comes.
  static constexpr Duration nothing_due = Duration::max();

  /// `env` and `scope` outlive this; `work` runs in the scope, one at a time.
  Errand(Env& env, Scope& scope, Work work);

  // On the scope's executor.
  /// The first look; hints before it are ignored.
  void start();
  /// There may be something to do. Hints during a look are remembered as one.
  void notify();

 private:
  Task<void> run();

  Env& env_;
  Scope& scope_;
  const Work work_;
  std::unique_ptr<Timer> timer_;  // while it waits
  bool started_ = false;
  bool running_ = false;
  bool hinted_ = false;
};

}  // namespace postern::net
