#include "flows/hub.hpp"

#include "core/log.hpp"
#include "flows/check_keeper.hpp"
#include "flows/handover.hpp"
#include "flows/hub_shard.hpp"
#include "flows/hub_state.hpp"
#include "flows/metrics.hpp"
#include "flows/pull_desk.hpp"
#include "flows/server_gate.hpp"
#include "flows/store_trouble.hpp"
#include "flows/supervisor.hpp"
#include "flows/token_keeper.hpp"
#include "net/scope.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <map>

namespace postern::flows {

using boost::asio::any_io_executor;

namespace {

template <class T>
std::uint64_t key_of(Id<T> id) {
  // The low bits of an id are chance, so that neighbours in time spread over the shards.
  return static_cast<std::uint64_t>(id.value);
}

Error no_such_integration() {
  return Error{storage::errc::not_found, "there is no such integration"};
}

}  // namespace

Hub::Hub(Context& context, any_io_executor home,
         std::function<any_io_executor(std::uint64_t)> shard_of)
    : state_(std::make_shared<State>(context, std::move(home), std::move(shard_of))) {
  state_->hub = this;
}

Hub::~Hub() = default;

Context& Hub::context() {
  return state_->context;
}
bool Hub::ready() const {
  return state_->ready;
}

std::shared_ptr<Supervisor> Hub::State::find(IntegrationId id) const {
  const auto found = supervisors.find(id);
  return found == supervisors.end() ? nullptr : found->second;
}

void Hub::State::wake_pumps() {
  for (const auto& [id, pump] : pumps) pump->queued();
  desk.queued();
}

net::Task<void> Hub::State::end_supervisor(IntegrationId id) {
  if (const auto running = find(id)) {
    ended[id] = running;
    supervisors.erase(id);
  }
  const auto former = ended.find(id);
  if (former == ended.end()) co_return;
  const auto supervisor = former->second;
  co_await net::run_on(supervisor->executor(), stop_supervisor(supervisor));
}

net::Task<Result<void>> Hub::State::replace_supervisor(IntegrationId id,
                                                       std::shared_ptr<State> self) {
  const auto change = ++changes[id.value];
  const auto act = [this, id, change, self] { return try_to_replace(id, change, self); };
  auto replaced = co_await act();
  if (!replaced) house.spawn(try_again(id.str(), id.value, change, act));
  co_return replaced;
}

net::Task<void> Hub::State::try_again(std::string name, std::int64_t id, std::uint64_t change,
                                      std::function<net::Task<Result<void>>()> act) {
  for (;;) {
    co_await net::sleep_for(context.env, store_trouble);
    if (changes[id] != change) co_return;
    const auto done = co_await act();
    if (done) co_return;
    log::error("the change of {} is not in force yet: {}", name, describe(done.error()));
  }
}

net::Task<Result<void>> Hub::State::try_to_replace(IntegrationId id, std::uint64_t change,
                                                   std::shared_ptr<State> self) {
  co_await end_supervisor(id);
  const auto found = ended.find(id);
  const auto former = found == ended.end() ? nullptr : found->second;
  auto stored = co_await context.store.integrations().get(id);
  if (!stored) {
    if (stored.error().code != storage::errc::not_found) co_return std::move(stored).error();
    if (former) context.metrics.forget_integration(former->integration().name);
    ended.erase(id);
    journals.erase(id);
    context.metrics.checks().forget(id);
    co_return success();
  }
  if (changes[id.value] != change) co_return success();
  if (former) {
    // A lane that was stopped in the middle of a mail has left it `sending`.
    POSTERN_CO_TRY(co_await context.store.deliveries().recover_queue(id, context.env.now()));
  }
  POSTERN_CO_TRY(auto secrets, co_await context.store.integrations().secrets(id));
  if (stopping || changes[id.value] != change) co_return success();
  ended.erase(id);
  storage::IntegrationAccount account{std::move(stored).value(), std::move(secrets)};
  co_await run_supervisor(std::move(account), self);
  co_return success();
}

net::Task<void> Hub::State::run_supervisor(storage::IntegrationAccount account,
                                           std::shared_ptr<State> self) {
  const auto id = account.stored.value.id;
  const auto handed = [weak = std::weak_ptr<State>(self)] {
    const auto state = weak.lock();
    if (!state) return;
    boost::asio::post(state->home, [state] { state->wake_pumps(); });
  };
  const auto executor = shard_of(key_of(id));
  auto& journal = journals[id];
  if (!journal) journal = std::make_shared<Journal>(context.env);
  const auto fresh = std::make_shared<Supervisor>(
      context, std::move(account.stored), std::move(account.secrets), executor, handed, journal);
  supervisors[id] = fresh;
  co_await net::run_on(executor, start_supervisor(fresh));
}

net::Task<void> Hub::State::end_pump(TargetId id) {
  const auto found = pumps.find(id);
  if (found == pumps.end()) co_return;
  const auto former = found->second;
  pumps.erase(found);
  co_await net::run_on(former->executor(), stop_pump(former));
}

net::Task<Result<void>> Hub::State::replace_pump(TargetId id) {
  const auto change = ++changes[id.value];
  const auto act = [this, id, change] { return try_to_replace(id, change); };
  auto replaced = co_await act();
  if (!replaced) house.spawn(try_again(id.str(), id.value, change, act));
  co_return replaced;
}

net::Task<Result<void>> Hub::State::try_to_replace(TargetId id, std::uint64_t change) {
  co_await end_pump(id);
  desk.look();
  auto stored = co_await context.store.targets().find(id.str());
  if (!stored) {
    if (stored.error().code == storage::errc::not_found) co_return success();
    co_return std::move(stored).error();
  }
  if (!stored.value().value.enabled || stored.value().value.type == "pull") co_return success();
  POSTERN_CO_TRY(auto secrets, co_await context.store.targets().secrets(id));
  if (stopping || changes[id.value] != change) co_return success();
  const auto executor = shard_of(key_of(id));
  const auto fresh = std::make_shared<HandoverPump>(context, std::move(stored).value(),
                                                    std::move(secrets), executor);
  pumps[id] = fresh;
  co_await net::run_on(executor, start_pump(fresh));
  co_return success();
}

net::Task<void> Hub::State::stop_all() {
  ready = false;
  stopping = true;
  desk.stop();
  if (monitor) {
    co_await monitor->stop();
    monitor.reset();
  }
  co_await event_actions.stop();
  house.stop();
  co_await house.join();
  while (!supervisors.empty() || !ended.empty()) {
    const auto id = supervisors.empty() ? ended.begin()->first : supervisors.begin()->first;
    co_await end_supervisor(id);
    ended.erase(id);
  }
  co_await keep_checks(context);
  while (!pumps.empty()) co_await end_pump(pumps.begin()->first);
  co_await authoriser.stop();
  co_await tokens.stop();
  co_await gate.stop();
}

namespace {

// Free coroutines keep `state` alive while they run on its home.
template <class State>
net::Task<Result<void>> start_hub(std::shared_ptr<State> state) {
  co_return co_await state->start_all(state);
}

template <class State>
net::Task<void> stop_hub(std::shared_ptr<State> state) {
  co_await state->stop_all();
}

template <class State>
net::Task<Result<void>> change_integration(std::shared_ptr<State> state, IntegrationId id) {
  co_return co_await state->replace_supervisor(id, state);
}

template <class State>
net::Task<Result<void>> change_target(std::shared_ptr<State> state, TargetId id) {
  auto replaced = co_await state->replace_pump(id);
  // Mails that waited for a target that is gone may have been taken by all the others.
  for (const auto& [of, supervisor] : state->supervisors) supervisor->mail_settled();
  co_return replaced;
}

template <class State>
net::Task<Result<std::vector<storage::LeaseFate>>> acknowledge_at(std::shared_ptr<State> state,
                                                                  TargetId target,
                                                                  std::vector<LeaseId> leases) {
  co_return co_await state->desk.acknowledge(target, std::move(leases));
}

template <class State>
net::Task<Result<storage::Leases>> lease_at(std::shared_ptr<State> state, TargetId target,
                                            storage::LeaseTerms terms, PullWait wait) {
  co_return co_await state->desk.lease(target, terms, std::move(wait));
}

template <class State>
net::Task<std::shared_ptr<Supervisor>> find_supervisor(std::shared_ptr<State> state,
                                                       IntegrationId id) {
  co_return state->find(id);
}

}  // namespace

net::Task<Result<void>> Hub::start() {
  co_return co_await net::run_on(state_->home, start_hub(state_));
}

net::Task<void> Hub::stop() {
  co_await net::run_on(state_->home, stop_hub(state_));
}

net::Task<Result<void>> Hub::integration_changed(IntegrationId id) {
  co_return co_await net::run_on(state_->home, change_integration(state_, id));
}

net::Task<Result<void>> Hub::target_changed(TargetId id) {
  co_return co_await net::run_on(state_->home, change_target(state_, id));
}

net::Task<Result<storage::StoredIntegration>> Hub::set_enabled(IntegrationId id, bool enabled,
                                                               std::string by) {
  auto& table = state_->context.store.integrations();
  const Instant now = state_->context.env.now();
  POSTERN_CO_TRY(auto stored, co_await table.get(id));
  IntegrationDraft draft;
  draft.value = stored.value;
  draft.value.enabled = enabled;
  POSTERN_CO_TRY(stored, co_await table.replace(id, std::move(draft), std::nullopt, by, now));
  // The former supervisor ends first: it writes its own status as long as it lives.
  POSTERN_CO_TRY(co_await integration_changed(id));
  if (enabled) {
    POSTERN_CO_TRY(stored, co_await table.get(id));
    IntegrationStatus status = stored.status;
    for (auto* direction : {&status.incoming_state, &status.outgoing_state}) {
      if (*direction == DirectionState::disabled) *direction = DirectionState::waiting;
    }
    status.disabled_reason.reset();
    status.consecutive_incoming_errors = 0;
    status.consecutive_outgoing_errors = 0;
    NewEvent event;
    event.kind = "integration.enabled";
    event.integration = id;
    event.at = now;
    event.message = "enabled by " + by;
    std::vector<NewEvent> events;
    events.push_back(std::move(event));
    POSTERN_CO_TRY(co_await table.record_status(id, std::move(status), std::move(events)));
    POSTERN_CO_TRY(co_await integration_changed(id));
  }
  co_return co_await table.get(id);
}

net::Task<Result<void>> Hub::check(IntegrationId id) {
  const auto supervisor = co_await net::run_on(state_->home, find_supervisor(state_, id));
  if (!supervisor) co_return no_such_integration();
  boost::asio::post(supervisor->executor(), [supervisor] { supervisor->check_now(); });
  co_return success();
}

net::Task<Result<std::vector<Activity>>> Hub::remembered(IntegrationId id) {
  const auto supervisor = co_await net::run_on(state_->home, find_supervisor(state_, id));
  if (!supervisor) co_return no_such_integration();
  co_return co_await net::run_on(supervisor->executor(), entries_on_shard(supervisor));
}

net::Task<Result<void>> Hub::record(IntegrationId id, Direction direction, Duration duration) {
  const auto supervisor = co_await net::run_on(state_->home, find_supervisor(state_, id));
  if (!supervisor) co_return no_such_integration();
  co_await net::run_on(supervisor->executor(), record_on_shard(supervisor, direction, duration));
  co_return success();
}

net::Task<Result<Recorded>> Hub::recorded(IntegrationId id, Direction direction) {
  const auto supervisor = co_await net::run_on(state_->home, find_supervisor(state_, id));
  if (!supervisor) co_return no_such_integration();
  co_return co_await net::run_on(supervisor->executor(), recorded_on_shard(supervisor, direction));
}

net::Task<Result<Delivery>> Hub::send_now(DeliveryId id, Duration limit) {
  POSTERN_CO_TRY(const auto delivery, co_await state_->context.store.deliveries().get(id));
  const auto supervisor =
      co_await net::run_on(state_->home, find_supervisor(state_, delivery.integration));
  if (!supervisor) co_return no_such_integration();
  co_return co_await net::run_on(supervisor->executor(), send_on_shard(supervisor, id, limit));
}

void Hub::delivery_queued(IntegrationId id) {
  boost::asio::post(state_->home, [state = state_, id] {
    const auto supervisor = state->find(id);
    if (!supervisor) return;
    boost::asio::post(supervisor->executor(), [supervisor] { supervisor->delivery_queued(); });
  });
}

void Hub::act_now(IntegrationId id) {
  boost::asio::post(state_->home, [state = state_, id] {
    const auto supervisor = state->find(id);
    if (!supervisor) return;
    boost::asio::post(supervisor->executor(), [supervisor] { supervisor->act_now(); });
  });
}

net::Task<Result<storage::Leases>> Hub::lease(TargetId target, storage::LeaseTerms terms,
                                              PullWait wait) {
  co_return co_await net::run_on(state_->home, lease_at(state_, target, terms, std::move(wait)));
}

net::Task<Result<std::vector<storage::LeaseFate>>> Hub::acknowledge(TargetId target,
                                                                    std::vector<LeaseId> leases) {
  co_return co_await net::run_on(state_->home, acknowledge_at(state_, target, std::move(leases)));
}

namespace {

template <class State>
net::Task<Result<Problem>> acknowledge_problem_at(std::shared_ptr<State> state, ProblemId id,
                                                  std::string by) {
  if (!state->monitor) co_return Error{storage::errc::not_found, "the gateway is stopping"};
  co_return co_await state->monitor->acknowledge(id, std::move(by));
}

}  // namespace

net::Task<Result<Problem>> Hub::acknowledge_problem(ProblemId id, std::string by) {
  co_return co_await net::run_on(state_->home, acknowledge_problem_at(state_, id, std::move(by)));
}

void Hub::monitoring_changed() {
  boost::asio::post(state_->home, [state = state_] {
    if (state->monitor) state->monitor->settings_changed();
  });
}

void Hub::look_for_leases() {
  boost::asio::post(state_->home, [state = state_] { state->desk.look(); });
}

void Hub::handovers_queued() {
  boost::asio::post(state_->home, [state = state_] { state->wake_pumps(); });
}

}  // namespace postern::flows
