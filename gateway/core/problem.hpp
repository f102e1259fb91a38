// A problem: something that is wrong for a while, made out of many events; and a notice: what
// people are told of one problem or of several that belong together. Values; core/alerting turns
// the one into the other.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct ProblemTag {
  static constexpr std::string_view prefix = "prb";
};
struct NoticeTag {
  static constexpr std::string_view prefix = "ntc";
};
using ProblemId = Id<ProblemTag>;
using NoticeId = Id<NoticeTag>;

/// What kind of thing is wrong. The words of to_string are kept in rows and shown.
enum class ProblemClass {
  connection,   // the server is not reached, or not trusted
  login,        // it refuses the login
  consent,      // a person must authorise again
  token,        // the authorization server is in trouble
  transfer,     // mails do not come in, or do not go out
  stale,        // no check has succeeded for too long, whatever the counters say
  quarantine,   // mails that could not be taken
  handover,     // a target does not take mails
  target,       // a target is disabled
  certificate,  // one runs out
  secret,       // an OAuth app's secret runs out
  space,        // the disk is nearly full
  network,      // nothing at all is reached
  channel,      // a way by which notices go out
};
std::string_view to_string(ProblemClass of);
std::optional<ProblemClass> parse_problem_class(std::string_view word);

enum class ProblemState { pending, open, recovering, flapping, closed };
std::string_view to_string(ProblemState state);
std::optional<ProblemState> parse_problem_state(std::string_view word);

/// One problem at a time of each. `subject` tells apart what is no integration's: a target, an app.
struct ProblemKey {
  ProblemClass of = ProblemClass::connection;
  IntegrationId integration;  // 0: none
  std::string direction;      // "incoming", "outgoing" or empty
  std::string subject;
  auto operator<=>(const ProblemKey&) const = default;
};

struct Problem {
  ProblemId id;  // 0: not kept yet
  ProblemKey key;
  std::string kind;           // of the event that tells it best: imap.login_failed
  std::string title;          // what it is about, for people: the integration's name
  std::string server, login;  // empty: of none
  ProblemState state = ProblemState::pending;
  Instant since;    // its first failure
  Instant changed;  // of the state
  int count = 0;    // failures in a row
  bool failing = true;
  bool disabled = false;      // the direction was disabled for it
  std::string message, hint;  // the server's own words; what to do
  std::optional<Instant> acknowledged_at;
  std::string acknowledged_by;

  // What people were told of it.
  int notices = 0;
  bool told = false;               // a failure notice went out
  bool owes = false;               // a recovery is owed: for that, or for what this one follows
  std::optional<Instant> told_at;  // when it last failed in a notice
  bool told_disabled = false;      // and that it was disabled
  bool told_flapping = false;
  std::string thread;  // names the mails that belong together
  std::optional<Instant> last_notice_at;
  int reminders = 0;
  int muted_count = 0;         // its count when it last only followed from another problem
  std::vector<Instant> turns;  // when it went from well to failing or back, lately

  bool active() const { return state != ProblemState::closed; }
};

/// As the contract shows it. `integration` is its name, empty when it has none.
boost::json::object to_json(const Problem& problem, std::string_view integration);

/// All of it, for a row, and back. Throws std::exception when `row` is none of ours.
boost::json::object problem_row(const Problem& problem);
Problem problem_from_row(const boost::json::object& row);

enum class NoticeKind { failing, disabled, flapping, reminder, recovered };
std::string_view to_string(NoticeKind kind);

/// What is to be told now: `problems` are of one server and class.
struct Notice {
  NoticeKind kind = NoticeKind::failing;
  std::vector<Problem> problems;  // as they are now, never empty
  std::string thread;
  int held_back = 0;  // notices of this group that its frequency limit kept back before
};

}  // namespace postern
