// The hub's start: what the last run left, the targets, then the integrations.
#include "core/log.hpp"
#include "flows/all_integrations.hpp"
#include "flows/check_keeper.hpp"
#include "flows/clock_watch.hpp"
#include "flows/dead_man.hpp"
#include "flows/housekeeping.hpp"
#include "flows/hub_state.hpp"
#include "flows/retention.hpp"

#include <boost/asio/post.hpp>

namespace postern::flows {

// Whoever was not looked at for the longest time is the first to connect.
net::Task<Result<void>> Hub::State::start_supervisors(std::shared_ptr<State> self) {
  POSTERN_CO_TRY(const auto ids, co_await context.store.integrations().ids());
  for (auto& few : few_at_a_time(ids)) {
    POSTERN_CO_TRY(auto accounts, co_await context.store.integrations().accounts(std::move(few)));
    for (auto& account : accounts) {
      // A call has changed it since: that change starts it, or has.
      if (changes.contains(account.stored.value.id.value)) continue;
      co_await run_supervisor(std::move(account), self);
      if (stopping) co_return success();
    }
  }
  co_return success();
}

net::Task<Result<void>> Hub::State::start_all(std::shared_ptr<State> self) {
  POSTERN_CO_TRY(const auto clock, co_await settle_clock(context));
  POSTERN_CO_TRY(const int recovered,
                 co_await context.store.deliveries().recover(context.env.now()));
  if (recovered > 0) log::warn("{} deliveries were being sent when the last run ended", recovered);
  context.mail_settled = [weak = std::weak_ptr<State>(self)](IntegrationId id) {
    const auto state = weak.lock();
    if (!state) return;
    boost::asio::post(state->home, [state, id] {
      if (const auto supervisor = state->find(id)) supervisor->mail_settled();
    });
  };
  POSTERN_CO_TRY(const auto targets, co_await context.store.targets().list());
  for (const auto& target : targets) {
    POSTERN_CO_TRY(co_await replace_pump(target.value.id));
  }
  context.status_changed = [weak = std::weak_ptr<State>(self)](IntegrationId id) {
    const auto state = weak.lock();
    if (!state) return;
    boost::asio::post(state->home, [state, id] {
      if (state->monitor) state->monitor->note(id);
    });
  };
  co_await restore_checks(context);
  context.own_mail_queued = [weak = std::weak_ptr<State>(self)] {
    const auto state = weak.lock();
    if (!state) return;
    boost::asio::post(state->home, [state] {
      if (state->monitor) state->monitor->mail_queued();
    });
  };
  watch_grants(self);
  POSTERN_CO_TRY(co_await start_supervisors(self));
  gate.start();  // from here on they connect: no handshake holds up the start of the others
  log::info("started {} integrations and {} targets", supervisors.size(), targets.size());
  house.spawn(watch_clock(context, clock, [this] { wake_all(); }));
  house.spawn(keep_house(context, clock));
  house.spawn(keep_retention(context, clock));
  house.spawn(keep_keeping_checks(context));
  monitor = std::make_unique<Monitor>(*hub, context, home);
  monitor->start();
  house.spawn(keep_pinging(context));
  event_actions.start();
  ready = true;
  co_return success();
}

}  // namespace postern::flows
