// How problems begin, go on and end; alerting_notices.cpp has what is told of them.
#include "core/alerting.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace postern {
namespace {

using namespace alert_limits;

/// Of one direction of an integration only one of these is wrong at a time.
constexpr std::array health_classes = {ProblemClass::connection, ProblemClass::login,
                                       ProblemClass::consent, ProblemClass::token,
                                       ProblemClass::transfer};

bool is_health(ProblemClass of) {
  return std::find(health_classes.begin(), health_classes.end(), of) != health_classes.end();
}

/// What does not work while nothing is reached.
bool needs_network(ProblemClass of) {
  return of == ProblemClass::connection || of == ProblemClass::token ||
         of == ProblemClass::transfer || of == ProblemClass::stale;
}

}  // namespace

bool has_stages(ProblemClass of) {
  return of == ProblemClass::certificate || of == ProblemClass::secret;
}

std::string group_of(const Problem& problem) {
  const auto of = std::string(to_string(problem.key.of));
  if (!problem.server.empty()) return of + "@" + problem.server;
  return of + "/" + problem.key.integration.str() + "/" + problem.key.direction + "/" +
         problem.key.subject;
}

ProblemBook::ProblemBook(std::vector<Problem> stored) {
  for (auto& problem : stored) {
    if (problem.told_at) {
      auto& past = past_[group_of(problem)];
      past.last = std::max(past.last.value_or(*problem.told_at), *problem.told_at);
    }
    // Of several of one key the newest counts.
    const auto key = problem.key;
    const auto found = problems_.find(key);
    if (found == problems_.end()) {
      problems_.emplace(key, std::move(problem));
    } else if (found->second.id < problem.id) {
      found->second = std::move(problem);
    }
  }
}

const Problem* ProblemBook::active(const ProblemKey& key) const {
  const auto found = problems_.find(key);
  return found != problems_.end() && found->second.active() ? &found->second : nullptr;
}

void ProblemBook::enter(Problem& problem, ProblemState state, Instant now) {
  if (problem.state == state) return;
  problem.state = state;
  problem.changed = now;
  changed_.insert(problem.key);
}

void ProblemBook::turn(Problem& problem, bool failing, Instant now) {
  if (problem.failing == failing && !problem.turns.empty()) return;
  problem.failing = failing;
  problem.turns.push_back(now);
  std::erase_if(problem.turns, [now](Instant at) { return at <= now - flap_window; });
  changed_.insert(problem.key);
}

void ProblemBook::begin(Problem& problem, const Finding& finding, Instant now) {
  Problem fresh;
  fresh.key = finding.key;
  fresh.since = now;
  fresh.changed = now;
  fresh.failing = false;
  fresh.turns = std::move(problem.turns);  // how restless it was before counts
  problem = std::move(fresh);
  changed_.insert(problem.key);
}

/// What else was wrong with this direction is over, since `heir` is what is wrong now.
void ProblemBook::take_over(Problem& heir, Instant now) {
  for (const auto of : health_classes) {
    auto key = heir.key;
    key.of = of;
    const auto found = problems_.find(key);
    if (of == heir.key.of || found == problems_.end() || !found->second.active()) continue;
    Problem& former = found->second;
    if (former.owes && !heir.owes) {
      heir.owes = true;
      heir.thread = former.thread;
    }
    heir.since = std::min(heir.since, former.since);
    former.owes = false;
    former.failing = false;
    enter(former, ProblemState::closed, now);
  }
}

void ProblemBook::find(const Finding& finding, Instant now) {
  if (!finding.failing) {
    const auto found = problems_.find(finding.key);
    if (found == problems_.end() || !found->second.active()) return;
    Problem& problem = found->second;
    if (!problem.failing) return;
    turn(problem, false, now);
    problem.disabled = false;
    if (problem.state == ProblemState::flapping) return;
    enter(problem, problem.owes ? ProblemState::recovering : ProblemState::closed, now);
    return;
  }
  auto found = problems_.find(finding.key);
  if (found == problems_.end()) {
    if (problems_.size() >= problems_max) return;
    found = problems_.emplace(finding.key, Problem{}).first;
    found->second.state = ProblemState::closed;
  }
  Problem& problem = found->second;
  if (!problem.active()) begin(problem, finding, now);
  if (is_health(finding.key.of)) take_over(problem, now);
  turn(problem, true, now);
  const auto shown = std::tie(problem.kind, problem.title, problem.server, problem.login,
                              problem.message, problem.hint);
  const auto told = std::tie(finding.kind, finding.title, finding.server, finding.login,
                             finding.message, finding.hint);
  if (shown != told || problem.count != finding.count || problem.disabled != finding.disabled) {
    problem.kind = finding.kind;
    problem.title = finding.title;
    problem.server = finding.server;
    problem.login = finding.login;
    problem.message = finding.message;
    problem.hint = finding.hint;
    problem.count = finding.count;
    problem.disabled = finding.disabled;
    changed_.insert(problem.key);
  }
  if (problem.state == ProblemState::flapping) return;
  if (finding.over || finding.disabled || problem.owes) enter(problem, ProblemState::open, now);
}

void ProblemBook::drop(const ProblemKey& key, Instant now) {
  const auto found = problems_.find(key);
  if (found == problems_.end() || !found->second.active()) return;
  found->second.failing = false;
  found->second.owes = false;
  enter(found->second, ProblemState::closed, now);
}

bool ProblemBook::acknowledge(ProblemId id, const std::string& by, Instant now) {
  for (auto& [key, problem] : problems_) {
    if (problem.id != id || !problem.active()) continue;
    problem.acknowledged_at = now;
    problem.acknowledged_by = by;
    changed_.insert(key);
    return true;
  }
  return false;
}

/// Also while they recover: what follows from them comes back a little later.
void ProblemBook::find_inhibitors() {
  unreachable_.clear();
  network_down_ = active(ProblemKey{ProblemClass::network, {}, {}, {}}) != nullptr;
  for (const auto& [key, problem] : problems_) {
    const bool down = key.of == ProblemClass::connection && problem.active() &&
                      problem.state != ProblemState::pending;
    if (down && !problem.server.empty()) unreachable_.emplace(problem.server, key);
  }
  for (auto& [key, problem] : problems_) {
    if (!problem.active() || problem.muted_count == problem.count) continue;
    if (inhibited_by(problem) == nullptr) continue;
    problem.muted_count = problem.count;
    changed_.insert(key);
  }
}

const Problem* ProblemBook::inhibited_by(const Problem& problem) const {
  const auto of = problem.key.of;
  if (network_down_ && needs_network(of)) {
    return active(ProblemKey{ProblemClass::network, {}, {}, {}});
  }
  if (of == ProblemClass::stale) {
    for (const auto health : health_classes) {
      auto key = problem.key;
      key.of = health;
      const auto* other = active(key);
      if (other != nullptr && other->state != ProblemState::pending) return other;
    }
  }
  const bool follows =
      of == ProblemClass::login || of == ProblemClass::transfer || of == ProblemClass::stale;
  const auto down = unreachable_.find(problem.server);
  return follows && down != unreachable_.end() ? active(down->second) : nullptr;
}

/// Everything that comes in fails to connect, and to several servers: it is not theirs.
void ProblemBook::find_network(const AlertSurroundings& around, Instant now) {
  std::set<std::string> hosts;
  std::size_t failing = 0;
  bool over = false;
  for (const auto& [key, problem] : problems_) {
    if (key.of != ProblemClass::connection || key.direction != "incoming") continue;
    if (!problem.active() || !problem.failing) continue;
    ++failing;
    hosts.insert(problem.server);
    over = over || problem.state == ProblemState::open;
  }
  Finding finding;
  finding.key.of = ProblemClass::network;
  finding.kind = "network.unreachable";
  finding.title = "the network";
  finding.count = static_cast<int>(failing);
  finding.failing = failing > 0 && failing >= around.directions &&
                    hosts.size() >= static_cast<std::size_t>(network_hosts_min);
  finding.over = over;
  finding.message = "none of " + std::to_string(failing) + " mailboxes on " +
                    std::to_string(hosts.size()) + " servers can be reached";
  finding.hint = "Look at this machine's network, its DNS and its firewall.";
  find(finding, now);
}

void ProblemBook::pass_time(const ProblemKey& key, Problem& problem, Instant now) {
  if (!problem.active()) return;
  const auto restless = std::count_if(problem.turns.begin(), problem.turns.end(),
                                      [now](Instant at) { return at > now - flap_window; });
  if (problem.state != ProblemState::flapping) {
    // One more turn back to failing than needed for a calm one is what makes it flapping.
    if (problem.failing && restless >= flap_turns) enter(problem, ProblemState::flapping, now);
    return;
  }
  const Instant calm = problem.turns.empty() ? now : problem.turns.back() + flap_calm;
  if (now < calm) {
    look_at(calm);
    return;
  }
  changed_.insert(key);
  problem.turns.clear();
  problem.owes = problem.owes || problem.told_flapping;
  if (problem.failing) {
    enter(problem, ProblemState::open, now);
  } else {
    enter(problem, problem.owes ? ProblemState::recovering : ProblemState::closed, now);
  }
}

void ProblemBook::forget_old(Instant now) {
  // What was taken by the keeper and is over is remembered as long as its turns count.
  std::erase_if(problems_, [&](const auto& entry) {
    const auto& [key, problem] = entry;
    return !problem.active() && problem.changed <= now - flap_window && !changed_.contains(key);
  });
  std::erase_if(past_, [now](const auto& entry) {
    const auto& past = entry.second;
    return past.held_back.empty() && (!past.last || *past.last <= now - std::chrono::hours(24));
  });
}

void ProblemBook::shift(Duration by) {
  for (auto& [key, problem] : problems_) {
    problem.since += by;
    problem.changed += by;
    for (auto* at : {&problem.acknowledged_at, &problem.told_at, &problem.last_notice_at}) {
      if (*at) **at += by;
    }
    for (auto& at : problem.turns) at += by;
    changed_.insert(key);
  }
  for (auto& [group, past] : past_) {
    if (past.last) *past.last += by;
    std::set<std::pair<ProblemKey, Instant>> held_back;
    for (const auto& [key, since] : past.held_back) held_back.emplace(key, since + by);
    past.held_back = std::move(held_back);
  }
}

std::vector<Problem> ProblemBook::take_changed() {
  std::vector<Problem> changed;
  for (const auto& key : std::exchange(changed_, {})) changed.push_back(problems_.at(key));
  return changed;
}

void ProblemBook::kept(const ProblemKey& key, ProblemId id) {
  const auto found = problems_.find(key);
  if (found != problems_.end()) found->second.id = id;
}

}  // namespace postern
