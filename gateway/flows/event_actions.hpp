// EventActions: event rules at work. Follows the event log; what a rule matches becomes runs, in
// the transaction that moves the place in the log; runs are carried out, and tried again with a
// back-off.
//
// No action waits for another: one run of each rule's action is under way at a time, and a few
// dozen of all together. Lives on one executor.
#pragma once

#include "flows/actions.hpp"
#include "flows/context.hpp"
#include "flows/event_feed.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"
#include "storage/event_rules.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <optional>
#include <set>
#include <tuple>
#include <vector>

namespace postern::flows {

/// When try `attempts` + 1 of a run follows after the last one failed; nothing: it has failed for
/// good. 5 s, 30 s, 2 min, 10 min, 30 min.
std::optional<Duration> action_delay(int attempts);

class EventActions {
 public:
  EventActions(Context& context, boost::asio::any_io_executor executor);

  void start();
  /// Returns when nothing runs any more.
  net::Task<void> stop();

 private:
  /// One run at a time of each: rule, action, channel.
  using Lane = std::tuple<EventRuleId, int, int>;

  net::Task<void> follow();
  net::Task<Result<void>> take(std::vector<Event> events);
  net::Task<Result<void>> refresh_rules();
  std::vector<storage::Firing> firings_of(const std::vector<Event>& events) const;

  net::Task<void> work();
  net::Task<Result<Duration>> start_due();
  net::Task<void> attempt(storage::EventRun run);
  net::Task<Result<storage::RunAttempt>> carry_out(const storage::EventRun& run,
                                                   std::vector<NewEvent>& events);
  net::Task<Result<storage::RunAttempt>> tell_profile(const storage::EventRun& run,
                                                      const storage::StoredEventRule& rule);
  net::Task<Result<storage::RunAttempt>> tell(const storage::EventRun& run,
                                              const storage::StoredEventRule& rule, Action action,
                                              Secret secret, std::vector<NewEvent>& events);
  net::Task<Result<bool>> is_settled(const storage::EventRun& run);
  net::Task<ActionNotice> notice_of(const storage::EventRun& run,
                                    const storage::StoredEventRule& rule);
  net::Task<Result<void>> tell_transition(const storage::EventRun& run,
                                          const storage::StoredEventRule& rule,
                                          const Action& action, bool ok, const std::string& error,
                                          std::vector<NewEvent>& events);

  Context& context_;
  EventFeed feed_;
  std::vector<storage::StoredEventRule> rules_;
  std::optional<std::uint64_t> rules_as_of_;
  std::size_t passed_over_ = 0;  // events since the place was kept
  net::Wake wake_;
  std::set<Lane> under_way_;
  net::Scope scope_;
};

}  // namespace postern::flows
