#include "flows/housekeeping.hpp"

#include "core/integration_json.hpp"
#include "core/log.hpp"
#include "flows/metrics.hpp"

#include <array>
#include <map>

namespace postern::flows {
namespace {

constexpr Duration count_every = std::chrono::seconds(15);
constexpr Duration purge_every = std::chrono::hours(1);

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

}  // namespace

net::Task<void> keep_house(Context& context) {
  Duration purged = context.env.steady() - purge_every;
  for (;;) {
    const auto counted = co_await count_rows(context);
    if (!counted) log::error("the gauges were not counted: {}", describe(counted.error()));
    if (context.env.steady() - purged >= purge_every) {
      const auto done = co_await context.store.purge(context.env.now());
      if (!done) log::error("old rows were not removed: {}", describe(done.error()));
      purged = context.env.steady();
    }
    co_await net::sleep_for(context.env, count_every);
  }
}

}  // namespace postern::flows
