// What the hub does when integrations come to have another grant, or none.
#include "core/log.hpp"
#include "flows/hub_state.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace postern::flows {

Authoriser& Hub::authoriser() {
  return state_->authoriser;
}

void Hub::State::watch_grants(const std::shared_ptr<State>& self) {
  tokens.set_on_change([weak = std::weak_ptr<State>(self)](OAuthGrantId grant) {
    const auto state = weak.lock();
    if (state && !state->stopping) state->house.spawn(state->replace_users(grant, state));
  });
  authoriser.set_on_change([weak = std::weak_ptr<State>(self)](std::vector<IntegrationId> users) {
    const auto state = weak.lock();
    if (!state || state->stopping) return;
    state->house.spawn(state->replace_all(std::move(users), state));
  });
  tokens.start();
}

/// The grant of these integrations is another, or none: each finds that out anew.
net::Task<void> Hub::State::replace_users(OAuthGrantId grant, std::shared_ptr<State> self) {
  const auto users = co_await context.store.oauth().users(grant);
  if (!users) {
    log::error("the users of {} are not known: {}", grant.str(), describe(users.error()));
    co_return;
  }
  co_await replace_all(users.value(), self);
}

net::Task<void> Hub::State::replace_all(std::vector<IntegrationId> users,
                                        std::shared_ptr<State> self) {
  for (const auto user : users) {
    const auto replaced = co_await replace_supervisor(user, self);
    if (!replaced) log::error("{} was not restarted: {}", user.str(), describe(replaced.error()));
  }
}

net::Task<void> Hub::State::replace_users_of(OAuthAppId app, std::shared_ptr<State> self) {
  const auto grants = co_await context.store.oauth().grants();
  if (!grants) co_return;
  for (const auto& grant : grants.value()) {
    if (grant.app == app) co_await replace_users(grant.id, self);
  }
}

void Hub::oauth_app_changed(OAuthAppId app) {
  boost::asio::post(state_->home, [state = state_, app] {
    if (!state->ready || state->stopping) return;
    state->tokens.app_changed(app);
    state->house.spawn(state->replace_users_of(app, state));
  });
}

}  // namespace postern::flows
