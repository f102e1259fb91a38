// Hub: the root of all flows. Owns a supervisor per integration and a handover pump per target;
// told of every change, it replaces what the change touches.
//
// Its methods may be called from any executor and come back to it; the hub itself lives on one.
#pragma once

#include "core/problem.hpp"
#include "flows/authoriser.hpp"
#include "flows/connection_test.hpp"
#include "flows/context.hpp"
#include "flows/journal.hpp"
#include "flows/pull_desk.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace postern::flows {

/// What was recorded of one direction on demand.
struct Recorded {
  Transcript transcript;  // at: its begin
  bool begun = false;     // false: nobody asked since the start
  bool full = false;
  Instant until;
};

class Hub {
 public:
  /// `home` runs the hub itself, `shard_of(key)` gives the executor of an integration or target.
  Hub(Context& context, boost::asio::any_io_executor home,
      std::function<boost::asio::any_io_executor(std::uint64_t)> shard_of);
  ~Hub();

  Context& context();
  /// To be asked from any executor, until stop().
  Authoriser& authoriser();

  /// Recovers what the last process left unfinished, starts everything that is enabled.
  net::Task<Result<void>> start();
  /// Stops and joins every flow; the store may be closed afterwards.
  net::Task<void> stop();

  /// The rows of this integration changed (or went): a fresh supervisor from its rows, or none.
  net::Task<Result<void>> integration_changed(IntegrationId id);
  net::Task<Result<void>> target_changed(TargetId id);

  /// enabled := value, a direction disabled by its errors is given a fresh start; then
  /// integration_changed. Errors: storage's.
  net::Task<Result<storage::StoredIntegration>> set_enabled(IntegrationId id, bool enabled,
                                                            std::string by);

  /// One check now, whatever the back-off. Returns when it is under way.
  net::Task<Result<void>> check(IntegrationId id);

  /// What the flows remember of it, oldest first. Errors: not_found.
  net::Task<Result<std::vector<Activity>>> remembered(IntegrationId id);
  /// Begins to keep all that is said in `direction`, for `duration`. Errors: not_found.
  net::Task<Result<void>> record(IntegrationId id, Direction direction, Duration duration);
  /// Errors: not_found.
  net::Task<Result<Recorded>> recorded(IntegrationId id, Direction direction);

  /// A hint: those whose grant is by this app try again now.
  void oauth_app_changed(OAuthAppId app);
  void delivery_queued(IntegrationId id);  // a hint
  void act_now(IntegrationId id);          // a hint that also ends the back-off of sending
  void handovers_queued();                 // a hint to every target

  /// Mail of a pull target, waited for if need be: see PullDesk.
  net::Task<Result<storage::Leases>> lease(TargetId target, storage::LeaseTerms terms,
                                           PullWait wait);
  net::Task<Result<std::vector<storage::LeaseFate>>> acknowledge(TargetId target,
                                                                 std::vector<LeaseId> leases);
  void look_for_leases();  // a hint that somebody's wait is over

  /// Sends one delivery now, within `limit`, outside the queue (sync mode).
  net::Task<Result<Delivery>> send_now(DeliveryId id, Duration limit);

  /// Somebody has taken it on: reminders end. Errors: not_found.
  net::Task<Result<Problem>> acknowledge_problem(ProblemId id, std::string by);
  /// A hint: settings or silences changed.
  void monitoring_changed();

  /// True once start() is through and until stop().
  bool ready() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with hints on their way from other threads
};

}  // namespace postern::flows
