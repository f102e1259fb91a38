#include "net/errand.hpp"

#include <utility>

namespace postern::net {

Errand::Errand(Env& env, Scope& scope, Work work)
    : env_(env), scope_(scope), work_(std::move(work)) {}

void Errand::start() {
  started_ = true;
  notify();
}

void Errand::notify() {
  if (!started_) return;
  hinted_ = true;
  if (timer_) timer_->cancel();
  if (std::exchange(running_, true)) return;
  scope_.spawn(run());
}

Task<void> Errand::run() {
  for (;;) {
    hinted_ = false;
    const Duration pause = co_await work_();
    if (hinted_) continue;
    if (pause == nothing_due) break;
    timer_ = env_.make_timer(scope_.executor());
    co_await timer_->wait(pause);
    timer_.reset();
  }
  running_ = false;
}

}  // namespace postern::net
