// See gate_book.hpp.
#include "flows/gate_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>

namespace postern::flows {
namespace {

constexpr Duration look_again_max = std::chrono::hours(1);
constexpr std::int64_t connect_costs_ms = 1000 / limits::connects_per_second;

}  // namespace

std::string GateBook::name_of(const GateRequest& request) {
  return request.server + '/' + request.security;
}

/// The server's is the first.
std::vector<std::string> GateBook::groups_of(const GateRequest& request) {
  std::vector<std::string> groups{"s" + request.server};
  if (request.integration) groups.push_back(fmt::format("i{}", request.integration.value));
  if (!request.login.empty())
    groups.push_back(fmt::format("l{} {}", request.server, request.login));
  return groups;
}

int GateBook::cap_of(const std::string& name, const Group& group) const {
  if (group.learned > 0) return group.learned;
  switch (name.front()) {
    case 'i':
      return limits_.per_integration;
    case 's':
      return limits_.per_server;
    default:
      return std::numeric_limits<int>::max();
  }
}

void GateBook::queue(Ticket ticket, GateRequest request, Duration now) {
  Waiter waiter;
  waiter.since = now;
  waiter.groups = groups_of(request);
  if (request.in_haste) {
    hasty_.insert(ticket);
  } else {
    servers_[name_of(request)].queue.emplace(request.last_check, ticket);
  }
  waiter.request = std::move(request);
  waiters_.emplace(ticket, std::move(waiter));
}

void GateBook::unqueue(Ticket ticket) {
  hasty_.erase(ticket);
  const auto found = waiters_.find(ticket);
  if (found == waiters_.end()) return;
  const auto server = servers_.find(name_of(found->second.request));
  if (server == servers_.end()) return;
  server->second.queue.erase(Key(found->second.request.last_check, ticket));
}

void GateBook::hasten(Ticket ticket) {
  if (!waiters_.contains(ticket)) return;
  unqueue(ticket);
  hasty_.insert(ticket);
}

void GateBook::end_try(Seat& seat) {
  if (!std::exchange(seat.under_way, false)) return;
  --servers_[name_of(seat.holder)].under_way;
}

void GateBook::leave(Ticket ticket, Duration now) {
  unqueue(ticket);
  waiters_.erase(ticket);
  std::erase_if(turned_away_, [&](const auto& each) { return each.first == ticket; });
  const auto found = seats_.find(ticket);
  if (found == seats_.end()) return;
  end_try(found->second);
  const auto names = groups_of(found->second.holder);
  for (const auto& name : names) {
    auto& group = groups_[name];
    group.open.erase(ticket);
    group.last_left = now;
    if (group.learned == 0) tight_.erase(name);
    if (group.learned == 0 && group.open.empty()) groups_.erase(name);
  }
  // A server of which nothing more is to be known is forgotten: the next try finds out.
  const auto server = servers_.find(name_of(found->second.holder));
  const bool used = groups_.contains(names.front());
  seats_.erase(found);
  if (server == servers_.end() || used) return;
  const auto& rest = server->second;
  if (rest.under_way == 0 && rest.queue.empty() && rest.not_before <= now) servers_.erase(server);
}

void GateBook::answered(Ticket ticket) {
  const auto found = seats_.find(ticket);
  if (found == seats_.end()) return;
  end_try(found->second);
  auto& server = servers_[name_of(found->second.holder)];
  server.answers = true;
  server.not_before = Duration(0);
}

void GateBook::failed(Ticket ticket, const GateFailure& failure, Duration now) {
  const auto found = seats_.find(ticket);
  if (found == seats_.end() || !found->second.under_way) return;
  end_try(found->second);
  auto& server = servers_[name_of(found->second.holder)];
  server.answers = false;
  server.not_before = std::max(server.not_before, found->second.since + limits::outage_pace);
  server.not_before = std::max(server.not_before, now);
  if (server.under_way > 0) return;  // another try is under way, and may be luckier
  for (const auto& [last_check, waiting] : server.queue) {
    turned_away_.emplace_back(waiting, failure);
    waiters_.erase(waiting);
  }
  server.queue.clear();
}

void GateBook::lost(Ticket ticket) {
  const auto found = seats_.find(ticket);
  if (found == seats_.end() || found->second.under_way) return;
  servers_[name_of(found->second.holder)].answers = false;
}

void GateBook::limited(Ticket ticket, bool of_login, Duration now) {
  const auto found = seats_.find(ticket);
  if (found == seats_.end()) return;
  for (const auto& name : groups_of(found->second.holder)) {
    if (name.front() != (of_login ? 'l' : 's')) continue;
    auto& group = groups_[name];
    const auto others = static_cast<int>(group.open.size()) - 1;
    if (others < 1) return;  // others than we fill the server: our back-off is all there is
    learn(group, others, now);
    tight_.insert(name);
  }
}

/// A limit that is met again soon after it was forgotten is one of the server's own, and no passing
/// trouble: it is remembered for longer each time.
void GateBook::learn(Group& group, int others, Duration now) {
  const bool again = group.learned == 0 && group.learned_for > Duration(0) &&
                     now < group.learned_until + group.learned_for;
  if (again) {
    group.learned_for = std::min(group.learned_for * 2, limits::learned_cap_max);
  } else if (group.learned == 0) {
    group.learned_for = limits::learned_cap;
  }
  group.learned = group.learned > 0 ? std::min(group.learned, others) : others;
  group.learned_until = now + group.learned_for;
}

bool GateBook::takes_turns(Ticket ticket) const {
  const auto found = seats_.find(ticket);
  if (found == seats_.end()) return false;
  return std::ranges::any_of(groups_of(found->second.holder), [&](const auto& name) {
    const auto group = groups_.find(name);
    return group != groups_.end() && group->second.learned > 0;
  });
}

void GateBook::look_again_at(Duration at, Duration now) {
  look_again_ = std::min(look_again_, std::max(at - now, Duration(1)));
}

bool GateBook::is_free(const std::string& name, Duration now) {
  if (!tight_.contains(name)) return true;
  auto& group = groups_[name];
  if (group.learned > 0 && now >= group.learned_until) group.learned = 0;
  const int cap = cap_of(name, group);
  const auto open = static_cast<int>(group.open.size());
  if (group.learned == 0 && open < cap) {
    tight_.erase(name);
    return true;
  }
  if (group.learned > 0) look_again_at(group.learned_until, now);
  if (open >= cap) return false;
  const Duration noticed = group.last_left + limits::learned_pace;
  if (now < noticed) look_again_at(noticed, now);
  return now >= noticed;
}

const std::string* GateBook::full_group(const Waiter& waiter, Duration now) {
  for (const auto& name : waiter.groups) {
    if (!is_free(name, now)) return &name;
  }
  return nullptr;
}

std::optional<GateBook::Key> GateBook::next_of(Server& server, Duration now) {
  if (server.queue.empty()) return std::nullopt;
  const int at_once = server.answers ? limits::connects_under_way : 1;
  if (server.under_way >= at_once) return std::nullopt;
  if (!server.answers && now < server.not_before) {
    look_again_at(server.not_before, now);
    return std::nullopt;
  }
  for (const auto& key : server.queue) {
    if (full_group(waiters_.at(key.second), now) == nullptr) return key;
  }
  return std::nullopt;
}

/// As many as there is allowance for, of all servers the one who comes first, again and again.
void GateBook::admit_next(Duration now, Decisions& decisions) {
  using Head = std::pair<Key, Server*>;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  const auto look_at = [&](Server& server) {
    if (const auto key = next_of(server, now)) heads.emplace(*key, &server);
  };
  for (auto& [name, server] : servers_) look_at(server);
  while (!heads.empty()) {
    if (allowance_ms_ < connect_costs_ms) {
      look_again_at(now + Duration(connect_costs_ms - allowance_ms_), now);
      return;
    }
    const auto [key, server] = heads.top();
    heads.pop();
    // Its integration may be full by one admitted at another server.
    if (full_group(waiters_.at(key.second), now) == nullptr) {
      allowance_ms_ -= connect_costs_ms;
      admit(key.second, now);
      decisions.admitted.push_back(key.second);
    }
    look_at(*server);
  }
}

void GateBook::admit(Ticket ticket, Duration now) {
  unqueue(ticket);
  const auto waiter = waiters_.find(ticket);
  Seat seat;
  seat.holder = std::move(waiter->second.request);
  seat.since = now;
  const auto names = std::move(waiter->second.groups);
  waiters_.erase(waiter);
  ++servers_[name_of(seat.holder)].under_way;
  for (const auto& name : names) {
    auto& group = groups_[name];
    group.open.insert(ticket);
    if (static_cast<int>(group.open.size()) >= cap_of(name, group)) tight_.insert(name);
  }
  seats_.emplace(ticket, std::move(seat));
}

/// Whether the one who waits may have a seat asked back: who gives way himself waits for a turn, so
/// that the seats do not change hands all the time.
bool GateBook::may_ask(const Waiter& waiter, Duration now) {
  const Duration from = waiter.since + limits::seat_turn;
  if (!waiter.request.yields || now >= from) return true;
  look_again_at(from, now);
  return false;
}

/// Where a group is full and others wait, those who have had their turn are asked to leave, the
/// longest seated first, one for each who waits.
void GateBook::settle_full(Duration now, Decisions& decisions) {
  if (tight_.empty()) return;
  std::map<std::string, int> blocked;
  for (const auto& [ticket, waiter] : waiters_) {
    const auto* name = full_group(waiter, now);
    if (name != nullptr && may_ask(waiter, now)) ++blocked[*name];
  }
  for (auto& [name, count] : blocked) {
    const auto& group = groups_[name];
    count -= std::max(cap_of(name, group) - static_cast<int>(group.open.size()), 0);
    std::vector<std::pair<Duration, Ticket>> seated;
    for (const auto ticket : group.open) {
      const auto& seat = seats_.at(ticket);
      if (seat.asked_back) --count;
      if (seat.holder.yields && !seat.asked_back) seated.emplace_back(seat.since, ticket);
    }
    std::sort(seated.begin(), seated.end());
    for (const auto& [since, ticket] : seated) {
      if (count <= 0) break;
      if (now < since + limits::seat_turn) {
        look_again_at(since + limits::seat_turn, now);
        break;
      }
      seats_.at(ticket).asked_back = true;
      decisions.asked_back.push_back(ticket);
      --count;
    }
  }
}

GateBook::Decisions GateBook::settle(Duration now) {
  Decisions decisions;
  look_again_ = look_again_max;
  const auto earned = (now - std::exchange(refilled_, now)).count();
  allowance_ms_ = std::min<std::int64_t>(allowance_ms_ + std::max<std::int64_t>(earned, 0), 1000);
  decisions.turned_away = std::exchange(turned_away_, {});
  decisions.admitted.assign(hasty_.begin(), hasty_.end());
  for (const auto ticket : decisions.admitted) admit(ticket, now);
  admit_next(now, decisions);
  settle_full(now, decisions);
  decisions.look_again = look_again_;
  return decisions;
}

}  // namespace postern::flows
