// See check_keeper.hpp.
#include "flows/check_keeper.hpp"

#include "core/log.hpp"
#include "flows/metrics.hpp"

namespace postern::flows {

net::Task<void> restore_checks(Context& context) {
  const auto kept = co_await context.store.past_checks().all();
  if (kept) {
    context.metrics.checks().restore(kept.value());
  } else {
    log::warn("the past checks were not read: {}", describe(kept.error()));
  }
}

net::Task<void> keep_checks(Context& context) {
  auto changed = context.metrics.checks().changed();
  if (changed.empty()) co_return;
  const auto kept = co_await context.store.past_checks().keep(std::move(changed));
  if (!kept) log::warn("the past checks were not kept: {}", describe(kept.error()));
}

net::Task<void> keep_keeping_checks(Context& context) {
  for (;;) {
    co_await net::sleep_for(context.env, checks_kept_every);
    co_await keep_checks(context);
  }
}

}  // namespace postern::flows
