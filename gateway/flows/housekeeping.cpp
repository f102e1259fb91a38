#include "flows/housekeeping.hpp"

#include "core/integration_json.hpp"
#include "core/log.hpp"
#include "flows/metrics.hpp"
#include "net/memory.hpp"
#include "storage/delivery_search.hpp"

#include <array>
#include <map>

namespace postern::flows {
namespace {

constexpr Duration count_every = std::chrono::seconds(15);
constexpr Duration purge_every = std::chrono::hours(1);
constexpr Duration trim_every = std::chrono::minutes(1);
constexpr int indexed_at_once = 200;   // some 10 ms of the writer's
constexpr int index_jobs_max = 50;     // of one look
constexpr int unindexed_max = 20'000;  // then it is done although mail is to be sent

constexpr std::array states = {DirectionState::ok,       DirectionState::waiting,
                               DirectionState::failing,  DirectionState::needs_consent,
                               DirectionState::disabled, DirectionState::off};

net::Task<Result<void>> count_rows(Context& context) {
  auto& store = context.store;
  POSTERN_CO_TRY(const auto deliveries, co_await store.deliveries().waiting());
  context.metrics.deliveries_waiting(deliveries);
  POSTERN_CO_TRY(const auto targets, co_await store.targets().list());
  for (const auto& target : targets) {
    POSTERN_CO_TRY(const auto waiting, co_await store.handovers().waiting(target.value.id));
    context.metrics.handovers_waiting(target.value.name, waiting);
  }
  POSTERN_CO_TRY(const auto reading, co_await store.gauges().read());
  context.metrics.counted(reading, context.env.now(), [&targets](TargetId id) {
    for (const auto& target : targets) {
      if (target.value.id == id) return target.value.name;
    }
    return std::string();
  });
  POSTERN_CO_TRY(const auto integrations, co_await store.integrations().entries());
  std::map<DirectionState, std::size_t> counts;
  // An integration counts once, under the state of its worse direction that is on.
  for (const auto& integration : integrations) {
    const auto in = integration.incoming_state;
    const auto out = integration.outgoing_state;
    const bool incoming = in != DirectionState::off;
    const bool out_is_worse =
        out != DirectionState::off && static_cast<int>(out) > static_cast<int>(in);
    ++counts[!incoming || out_is_worse ? out : in];
  }
  for (const auto state : states) {
    context.metrics.integrations(to_string(state), counts[state]);
  }
  co_return success();
}

/// Puts deliveries into the index of searching while nothing is to be sent.
net::Task<Result<void>> index_deliveries(Context& context) {
  auto& deliveries = context.store.deliveries();
  auto* index = storage::search_index_of(deliveries);
  if (index == nullptr) co_return success();
  POSTERN_CO_TRY(const auto left, co_await index->unindexed(unindexed_max + 1));
  if (left == 0) co_return success();
  POSTERN_CO_TRY(const auto waiting, co_await deliveries.waiting());
  if (waiting > 0 && left <= unindexed_max) co_return success();
  for (int job = 0; job < index_jobs_max; ++job) {
    POSTERN_CO_TRY(const auto added, co_await index->index_for_search(indexed_at_once));
    if (added < indexed_at_once) break;
  }
  co_return success();
}

/// Forgets what is kept for a time, unless a leap of the clock makes it look old.
net::Task<Result<void>> purge(Context& context) {
  POSTERN_CO_TRY(const bool by_age, co_await ages_hold(context));
  if (by_age) {
    POSTERN_CO_TRY(co_await context.store.purge(context.env.now()));
  }
  co_return success();
}

}  // namespace

net::Task<void> keep_house(Context& context, ClockReading clock) {
  ClockDoubt doubt(clock);
  Duration purged = context.env.steady() - purge_every;
  Duration trimmed = context.env.steady();
  for (;;) {
    const auto counted = co_await count_rows(context);
    if (!counted) log::error("the gauges were not counted: {}", describe(counted.error()));
    const auto indexed = co_await index_deliveries(context);
    if (!indexed) log::error("the index of searching was not kept: {}", describe(indexed.error()));
    const bool doubtful = doubt.is_doubtful(context.env);  // asked each time, to see each change
    if (!doubtful && context.env.steady() - purged >= purge_every) {
      const auto done = co_await purge(context);
      if (!done) log::error("old rows were not removed: {}", describe(done.error()));
      purged = context.env.steady();
    }
    if (context.env.steady() - trimmed >= trim_every) {
      net::give_back_free_memory();
      trimmed = context.env.steady();
    }
    co_await net::sleep_for(context.env, count_every);
  }
}

}  // namespace postern::flows
