// When which problems are told, and together with which others.
#include "core/alerting.hpp"

#include <algorithm>
#include <tuple>

namespace postern {

using namespace alert_limits;

void ProblemBook::look_at(Instant at) {
  if (!look_again_ || at < *look_again_) look_again_ = at;
}

std::vector<Notice> ProblemBook::settle(const AlertPolicy& policy, const AlertSurroundings& around,
                                        Instant now) {
  look_again_.reset();
  find_network(around, now);
  for (auto& [key, problem] : problems_) pass_time(key, problem, now);
  find_inhibitors();
  std::vector<Notice> notices;
  tell_failing(policy, around, now, notices);
  tell_disabled(policy, around, now, notices);
  tell_flapping(around, now, notices);
  remind(policy, around, now, notices);
  tell_recovered(now, notices);
  forget_old(now);
  return notices;
}

/// A channel's trouble is told by other channels; where there is none, it stays in the list and the
/// log, as a notice of it would go the same way.
bool ProblemBook::may_be_told(const Problem& problem, const AlertSurroundings& around) const {
  if (problem.key.of == ProblemClass::channel && !around.other_way(problem)) return false;
  return problem.active() && problem.failing && problem.count != problem.muted_count &&
         !around.silenced(problem);
}

Notice ProblemBook::notice_of(NoticeKind kind, const Members& members, Instant now) {
  Notice notice;
  notice.kind = kind;
  // The oldest thread goes on; a new one is named after the first problem of the first notice.
  for (const auto* problem : members) {
    if (!problem->thread.empty() && (notice.thread.empty() || problem->thread < notice.thread)) {
      notice.thread = problem->thread;
    }
  }
  if (notice.thread.empty()) {
    notice.thread = std::to_string(to_milliseconds(now)) + "." + group_of(*members.front());
  }
  for (auto* problem : members) {
    if (problem->thread.empty()) problem->thread = notice.thread;
    ++problem->notices;
    problem->last_notice_at = now;
    changed_.insert(problem->key);
    notice.problems.push_back(*problem);
  }
  return notice;
}

bool ProblemBook::held_by_frequency(const std::string& group, const Members& members,
                                    const AlertPolicy& policy, Instant now) {
  auto& past = past_[group];
  if (!past.last || now >= *past.last + policy.max_frequency) return false;
  for (const auto* problem : members) past.held_back.emplace(problem->key, problem->since);
  look_at(*past.last + policy.max_frequency);
  return true;
}

void ProblemBook::tell_failing(const AlertPolicy& policy, const AlertSurroundings& around,
                               Instant now, std::vector<Notice>& notices) {
  Groups open, pending;
  for (auto& [key, problem] : problems_) {
    if (problem.told || !may_be_told(problem, around)) continue;
    if (problem.state == ProblemState::open) open[group_of(problem)].push_back(&problem);
    if (problem.state == ProblemState::pending) pending[group_of(problem)].push_back(&problem);
  }
  for (auto& [group, members] : open) {
    const auto first =
        (*std::min_element(members.begin(), members.end(), [](const auto* a, const auto* b) {
          return a->changed < b->changed;
        }))->changed;
    auto& others = pending[group];
    const Instant due = first + (others.empty() ? group_wait : group_wait_max);
    if (now < due) {
      look_at(due);
      continue;
    }
    if (held_by_frequency(group, members, policy, now)) continue;
    members.insert(members.end(), others.begin(), others.end());
    auto& past = past_[group];
    for (auto* problem : members) {
      enter(*problem, ProblemState::open, now);
      problem->told = problem->owes = true;
      problem->told_disabled = problem->told_disabled || problem->disabled;
      problem->told_at = now;
      if (has_stages(problem->key.of)) problem->reminders = problem->count;
      past.held_back.erase({problem->key, problem->since});
    }
    auto notice = notice_of(NoticeKind::failing, members, now);
    notice.held_back = static_cast<int>(past.held_back.size());
    past.held_back.clear();
    past.last = now;
    notices.push_back(std::move(notice));
  }
}

void ProblemBook::tell_disabled(const AlertPolicy& policy, const AlertSurroundings& around,
                                Instant now, std::vector<Notice>& notices) {
  Groups groups;
  for (auto& [key, problem] : problems_) {
    const bool news = problem.told && problem.disabled && !problem.told_disabled;
    // Nothing is tried any more: what inhibited it may never be known to end.
    if (news && !around.silenced(problem))
      groups["disabled " + group_of(problem)].push_back(&problem);
  }
  for (auto& [group, members] : groups) {
    if (held_by_frequency(group, members, policy, now)) continue;
    for (auto* problem : members) {
      problem->told_disabled = true;
      problem->told_at = now;
    }
    past_[group].held_back.clear();
    past_[group].last = now;
    notices.push_back(notice_of(NoticeKind::disabled, members, now));
  }
}

void ProblemBook::tell_flapping(const AlertSurroundings& around, Instant now,
                                std::vector<Notice>& notices) {
  Groups groups;
  for (auto& [key, problem] : problems_) {
    const bool news = problem.state == ProblemState::flapping && !problem.told_flapping;
    if (news && may_be_told(problem, around)) groups[group_of(problem)].push_back(&problem);
  }
  for (auto& [group, members] : groups) {
    for (auto* problem : members) problem->told_flapping = true;
    notices.push_back(notice_of(NoticeKind::flapping, members, now));
  }
}

void ProblemBook::remind(const AlertPolicy& policy, const AlertSurroundings& around, Instant now,
                         std::vector<Notice>& notices) {
  Groups due, open;
  for (auto& [key, problem] : problems_) {
    if (problem.state != ProblemState::open || !problem.told) continue;
    // Whoever has taken it up is reminded of a day that comes nearer, and of nothing else.
    if (problem.acknowledged_at && !has_stages(key.of)) continue;
    if (!problem.last_notice_at || around.silenced(problem)) continue;
    // What follows from another problem is left to that one's reminder.
    if (problem.count == problem.muted_count) continue;
    if (has_stages(key.of)) {
      open[problem.thread].push_back(&problem);
      if (problem.count > problem.reminders) due[problem.thread].push_back(&problem);
      continue;
    }
    Duration pause = std::min(policy.remind_after, remind_max);
    for (int i = 0; i < problem.reminders && pause < remind_max; ++i) {
      pause = std::min(pause * 2, remind_max);
    }
    open[problem.thread].push_back(&problem);
    if (now >= *problem.last_notice_at + pause) {
      due[problem.thread].push_back(&problem);
    } else {
      look_at(*problem.last_notice_at + pause);
    }
  }
  for (const auto& [thread, first] : due) {
    auto& members = open[thread];
    for (auto* problem : members) {
      problem->reminders = has_stages(problem->key.of) ? problem->count : problem->reminders + 1;
    }
    notices.push_back(notice_of(NoticeKind::reminder, members, now));
  }
}

void ProblemBook::tell_recovered(Instant now, std::vector<Notice>& notices) {
  std::map<std::string, Members> recovered;
  std::set<std::string> still_failing;
  for (auto& [key, problem] : problems_) {
    if (!problem.active() || problem.thread.empty()) continue;
    if (problem.failing && problem.state == ProblemState::open)
      still_failing.insert(problem.thread);
    if (problem.state == ProblemState::recovering) recovered[problem.thread].push_back(&problem);
  }
  for (auto& [thread, members] : recovered) {
    const auto by_change = [](const auto* a, const auto* b) { return a->changed < b->changed; };
    const auto [first, last] = std::minmax_element(members.begin(), members.end(), by_change);
    // One notice for all of them: those that came back first wait for the others.
    const Instant due = still_failing.contains(thread) ? (*first)->changed + recovery_wait_max
                                                       : (*last)->changed + recovery_wait;
    if (now < due) {
      look_at(due);
      continue;
    }
    for (auto* problem : members) {
      enter(*problem, ProblemState::closed, now);
      problem->owes = false;
    }
    notices.push_back(notice_of(NoticeKind::recovered, members, now));
  }
}

}  // namespace postern
