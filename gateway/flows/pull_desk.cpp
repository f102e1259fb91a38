#include "flows/pull_desk.hpp"

#include <algorithm>

namespace postern::flows {

/// One consumer's place in its line, until it leaves.
class PullDesk::Place {
 public:
  Place(PullDesk& desk, TargetId target)
      : wake(desk.context_.env, desk.executor_),
        lines_(desk.lines_),
        line_(lines_.try_emplace(target).first) {
    line_->second.push_back(&wake);
  }
  Place(const Place&) = delete;
  ~Place() {
    line_->second.remove(&wake);
    if (line_->second.empty()) {
      lines_.erase(line_);
    } else {
      line_->second.front()->notify();
    }
  }
  bool first() const { return line_->second.front() == &wake; }

  net::Wake wake;

 private:
  std::map<TargetId, Line>& lines_;
  std::map<TargetId, Line>::iterator line_;
};

net::Task<Result<storage::Leases>> PullDesk::lease(TargetId target, storage::LeaseTerms terms,
                                                   PullWait wait) {
  auto& env = context_.env;
  const auto is_over = [&] { return stopped_ || (wait.over && *wait.over); };
  if (is_over()) co_return storage::Leases();
  if (wait.time <= Duration::zero()) {
    co_return co_await context_.store.pull().lease(target, terms, env.now());
  }
  const Duration ends = env.steady() + wait.time;
  Place place(*this, target);
  for (;;) {
    Duration pause = ends - env.steady();
    if (place.first()) {
      auto taken = co_await context_.store.pull().lease(target, terms, env.now());
      if (!taken || !taken.value().items.empty()) co_return taken;
      pause = ends - env.steady();
      // Another's lease ends: its mail is this consumer's then.
      const auto& next = taken.value().next_due;
      if (next) pause = std::min<Duration>(pause, std::max(*next - env.now(), Duration(1)));
    }
    if (is_over() || env.steady() >= ends) break;
    co_await place.wake.wait(pause);
    if (is_over()) break;
  }
  co_return storage::Leases();
}

net::Task<Result<std::vector<storage::LeaseFate>>> PullDesk::acknowledge(
    TargetId target, std::vector<LeaseId> leases) {
  POSTERN_CO_TRY(auto taken, co_await context_.store.pull().acknowledge(target, std::move(leases),
                                                                        context_.env.now()));
  for (const auto owner : taken.owners) context_.mail_settled(owner);
  co_return std::move(taken.fates);
}

void PullDesk::queued() {
  for (auto& [target, line] : lines_) line.front()->notify();
}

void PullDesk::look() {
  for (auto& [target, line] : lines_) {
    for (auto* wake : line) wake->notify();
  }
}

void PullDesk::stop() {
  stopped_ = true;
  look();
}

}  // namespace postern::flows
