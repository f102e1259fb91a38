// Alerting: findings → problems → notices. Pure: time is an argument, nothing is sent or kept.
//
//   ok ──failing──► pending ──over its threshold──► open ──well──► recovering ──stays well──►
//   closed
//                     └──well──► closed, nobody is told                └──failing──► open
//   pending, open, recovering ──too many turns in an hour──► flapping ──calm for a while──► closed
//                                                                                     or open
//
// Forty mailboxes on one dead server are forty problems and one notice; what follows from another
// problem is not told; a recovery is told when its failure was, and only then.
//
// Times are those of a clock that does not jump (flows/monitor keeps one).
#pragma once

#include "core/problem.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern {

struct AlertPolicy {
  Duration remind_after = std::chrono::hours(4);      // doubled with each, up to remind_max
  Duration max_frequency = std::chrono::minutes(15);  // failure notices of one group
};

namespace alert_limits {
inline constexpr Duration group_wait =
    std::chrono::seconds(5);  // others of the group may follow at once
inline constexpr Duration group_wait_max =
    std::chrono::seconds(90);  // while some are still below their threshold
inline constexpr Duration recovery_wait = std::chrono::seconds(5);  // it stays well for so long
inline constexpr Duration recovery_wait_max =
    std::chrono::minutes(16);  // others of its notice still fail
inline constexpr Duration remind_max = std::chrono::hours(24);
inline constexpr Duration flap_window = std::chrono::hours(1);
inline constexpr Duration flap_calm = std::chrono::minutes(30);
inline constexpr int flap_turns = 6;
inline constexpr int network_hosts_min = 3;  // fewer servers down at once are their own trouble
inline constexpr std::size_t problems_max =
    20'000;  // more are not begun, but for the gateway's own
}  // namespace alert_limits

/// How one thing is at the moment. The same finding again changes nothing but the count.
struct Finding {
  ProblemKey key;
  std::string kind, title, server, login, message, hint;
  bool failing = true;
  bool over = true;  // over the threshold from which on people are told
  int count = 1;
  bool disabled = false;
};

/// What is not in the problems themselves.
struct AlertSurroundings {
  /// A person wants to hear nothing of it now (silence, maintenance window).
  std::function<bool(const Problem&)> silenced = [](const Problem&) { return false; };
  /// A way by which notices go has failed, and others could tell it.
  std::function<bool(const Problem&)> other_way = [](const Problem&) { return false; };
  /// Directions that are on, each with its server: for telling a dead network from dead servers.
  std::size_t directions = 0;
};

class ProblemBook {
 public:
  /// `stored`: the problems as they were kept, those closed within the flap window too.
  explicit ProblemBook(std::vector<Problem> stored = {});

  /// What is well and was never wrong is nothing. Of one direction one thing is wrong at a time:
  /// a refused login takes the place of a dead connection, and owes the recovery in its stead.
  void find(const Finding& finding, Instant now);
  /// It is no problem any more, and nobody is told: it was switched off or removed by hand.
  void drop(const ProblemKey& key, Instant now);
  /// False when there is no such active problem.
  bool acknowledge(ProblemId id, const std::string& by, Instant now);

  /// Lets time pass, and gives the notices that are due.
  std::vector<Notice> settle(const AlertPolicy& policy, const AlertSurroundings& around,
                             Instant now);
  /// When settle() has something to do by itself, at the latest.
  std::optional<Instant> look_again() const { return look_again_; }

  /// The clock was set: what was at a time is at that time + `by` now.
  void shift(Duration by);

  /// Those that changed since the last call.
  std::vector<Problem> take_changed();
  void kept(const ProblemKey& key, ProblemId id);  // it has a row now
  const std::map<ProblemKey, Problem>& problems() const { return problems_; }
  /// The active problem of it, or nullptr.
  const Problem* active(const ProblemKey& key) const;
  /// From what it follows, so that it is not told: another problem as of the last settle(), or
  /// nothing. When that one is over, it is told as soon as it has failed once more.
  const Problem* inhibited_by(const Problem& problem) const;

 private:
  /// Failure notices of one group: when the last went out, and who was held back since.
  struct Past {
    std::optional<Instant> last;
    std::set<std::pair<ProblemKey, Instant>> held_back;
  };
  using Members = std::vector<Problem*>;
  using Groups = std::map<std::string, Members>;

  // alerting.cpp: how a problem goes on.
  void begin(Problem& problem, const Finding& finding, Instant now);
  void turn(Problem& problem, bool failing, Instant now);
  void enter(Problem& problem, ProblemState state, Instant now);
  void take_over(Problem& heir, Instant now);
  void find_inhibitors();
  void find_network(const AlertSurroundings& around, Instant now);
  void pass_time(const ProblemKey& key, Problem& problem, Instant now);
  void forget_old(Instant now);
  // alerting_notices.cpp: what is told of it.
  bool may_be_told(const Problem& problem, const AlertSurroundings& around) const;
  bool held_by_frequency(const std::string& group, const Members& members,
                         const AlertPolicy& policy, Instant now);
  void tell_failing(const AlertPolicy& policy, const AlertSurroundings& around, Instant now,
                    std::vector<Notice>& notices);
  void tell_disabled(const AlertPolicy& policy, const AlertSurroundings& around, Instant now,
                     std::vector<Notice>& notices);
  void tell_flapping(const AlertSurroundings& around, Instant now, std::vector<Notice>& notices);
  void remind(const AlertPolicy& policy, const AlertSurroundings& around, Instant now,
              std::vector<Notice>& notices);
  void tell_recovered(Instant now, std::vector<Notice>& notices);
  Notice notice_of(NoticeKind kind, const Members& members, Instant now);
  void look_at(Instant at);

  std::map<ProblemKey, Problem> problems_;
  std::set<ProblemKey> changed_;
  std::map<std::string, Past> past_;
  std::optional<Instant> look_again_;
  // What others follow from; the keys of problems_ stay where they are.
  std::map<std::string, ProblemKey> unreachable_;  // by server
  bool network_down_ = false;
};

/// What runs out on a day that is known: reminded of at its stages (the count), not by the hour.
bool has_stages(ProblemClass of);

/// Problems told together: of one server and class, else one alone.
std::string group_of(const Problem& problem);

}  // namespace postern
