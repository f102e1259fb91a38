// Event rules, what they have set off, and what they held back. A run is one action about one
// event: written in the transaction in which the event is dealt with, so that a restart neither
// loses nor repeats it.
#pragma once

#include "core/event_rule.hpp"
#include "core/ids.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

/// Ended runs that are kept of each rule; older ones are forgotten.
inline constexpr int event_runs_kept = 500;

/// What a rule has done, for the list of rules.
struct EventRuleStatus {
  std::uint64_t times_fired = 0;  // runs, held back events not among them
  std::optional<Instant> last_fired;
  std::string last_result;  // of the run that ended last: done, failed; empty: none has
  std::string last_error;
};

struct StoredEventRule {
  EventRule value;
  std::uint64_t version = 0;
  Instant created_at, modified_at;
  std::string modified_by;
  EventRuleStatus status;
};

enum class RunState { waiting, done, failed, dropped };
std::string_view to_string(RunState state);

/// An action about an event: due, or ended. One that tells a profile makes others when it is due:
/// one for each channel of its step, and one for the next step.
struct EventRun {
  EventRunId id;
  EventRuleId rule;
  int action = 0;    // place in EventRule::then
  int step = 0;      // of the profile
  int channel = -1;  // of the profile; -1: the action itself
  IntegrationId integration;
  Event event;  // a copy: the log may be tidied meanwhile
  std::uint64_t held_back = 0;
  std::optional<Instant> held_back_since;
  RunState state = RunState::waiting;
  Instant at, due;
  std::optional<Instant> ended_at;
  int attempts = 0;
  int status = 0;  // HTTP's; 0: none
  std::string error;
};

/// The events of a batch that set off an action, in their order.
struct Firing {
  EventRuleId rule;
  int action = 0;
  Duration max_frequency{0};  // 0: every event has a run of its own
  Event event;
};

/// How one attempt of a run ended. `more` are runs that follow it: a profile's next steps.
struct RunAttempt {
  RunState state = RunState::done;  // waiting: again at `due`
  bool counts = true;               // false: it was only put off
  Instant at, due;
  int status = 0;
  std::string error;
  std::vector<EventRun> more;
};

class EventRules {
 public:
  virtual ~EventRules() = default;
  virtual net::Task<Result<std::vector<StoredEventRule>>> list() = 0;
  virtual net::Task<Result<StoredEventRule>> find(std::string id_or_name) = 0;
  /// Secrets that the type needs and that are left out are made. The names of integrations and
  /// profiles in the rule were turned into ids by the caller. Errors: name_taken.
  virtual net::Task<Result<StoredEventRule>> create(EventRuleDraft draft, std::string by,
                                                    Instant at) = 0;
  /// An action keeps its secret if one of the same type called the same host before.
  /// Errors: not_found, name_taken, version_mismatch.
  virtual net::Task<Result<StoredEventRule>> replace(EventRuleId id, EventRuleDraft draft,
                                                     std::optional<std::uint64_t> if_version,
                                                     std::string by, Instant at) = 0;
  /// Its runs go with it. Errors: not_found, version_mismatch.
  virtual net::Task<Result<void>> remove(EventRuleId id,
                                         std::optional<std::uint64_t> if_version) = 0;
  /// The secrets of the actions, in their order; empty where there is none.
  virtual net::Task<Result<std::vector<Secret>>> secrets(EventRuleId id) = 0;
  /// Another number whenever a rule was made, changed or removed. From any thread.
  virtual std::uint64_t changes() const = 0;

  /// Makes runs of the firings, or holds them back: at most one run in `max_frequency` for each
  /// rule, action and integration. With it the consumer's place in the log moves to `last`.
  virtual net::Task<Result<void>> fire(std::vector<Firing> firings, std::string consumer,
                                       EventId last, Instant now) = 0;
  /// Where events were held back and the time is over at `now`: one run that tells of them, about
  /// the last of them. Gives when the next such time is.
  virtual net::Task<Result<std::optional<Instant>>> release(Instant now) = 0;

  /// Waiting runs that are due, oldest first.
  virtual net::Task<Result<std::vector<EventRun>>> due(Instant now, int limit) = 0;
  virtual net::Task<Result<std::optional<Instant>>> next_due() = 0;
  /// Errors: not_found, wrong_state (it has ended already).
  virtual net::Task<Result<void>> record_attempt(EventRunId id, RunAttempt attempt,
                                                 std::vector<NewEvent> events) = 0;
  /// The last ended run of this action before `id`: whether it went well; nothing: none ended.
  virtual net::Task<Result<std::optional<bool>>> went_well_before(EventRunId id) = 0;
  /// Newest first; of one rule, or of all.
  virtual net::Task<Result<Page<EventRun>>> runs(std::optional<EventRuleId> rule,
                                                 PageRequest page) = 0;
  /// One event of the log. Errors: not_found.
  virtual net::Task<Result<Event>> event(EventId id) = 0;
};

}  // namespace postern::storage
