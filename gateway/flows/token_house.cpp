#include "flows/token_house.hpp"

#include "core/day_words.hpp"
#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/token_keeper.hpp"
#include "oauth/assertion.hpp"

#include <fmt/format.h>

#include <array>

namespace postern::flows {
namespace {

constexpr Duration look_every = std::chrono::hours(1);
constexpr int grants_a_look = 50;  // a thousand grants of one day do not come at once
constexpr std::array<int, 4> reminders = {60, 30, 7, 1};

/// The earlier of the secret's and the certificate's end.
std::optional<Instant> end_of(const OAuthApp& app) {
  auto ends = app.secret_expires_at;
  if (app.certificate_pem.empty()) return ends;
  const auto certificate = oauth::certificate_end(app.certificate_pem);
  if (certificate && (!ends || certificate.value() < *ends)) ends = certificate.value();
  return ends;
}

net::Task<void> remind(Context& context, const storage::StoredOAuthApp& app) {
  const auto ends = end_of(app.value);
  if (!ends) co_return;
  const Instant now = context.env.now();
  const auto days = std::chrono::floor<std::chrono::days>(*ends - now).count();
  const auto due = reminder_due(days, app.reminded_days);
  if (!due) co_return;
  NewEvent event;
  event.kind = "secret.expiring";
  event.at = now;
  event.login = app.value.client_id;
  event.message = days < 0 ? fmt::format("the secret of the OAuth app {} has run out at {}",
                                         app.value.name, to_rfc3339(*ends))
                           : fmt::format("the secret of the OAuth app {} ends in {}, at {}",
                                         app.value.name, day_words(days), to_rfc3339(*ends));
  event.hint = "Make a new secret or certificate at the provider and give it to the app here.";
  event.data["app"] = app.value.id.str();
  event.data["days"] = days;
  std::vector<NewEvent> events;
  events.push_back(std::move(event));
  const auto kept =
      co_await context.store.oauth().app_reminded(app.value.id, *due, std::move(events));
  if (!kept) log::error("a reminder was not kept: {}", describe(kept.error()));
}

}  // namespace

std::optional<int> reminder_due(std::int64_t days_left, std::optional<int> reminded) {
  std::optional<int> due;
  for (const int step : reminders) {
    if (days_left < step) due = step;
  }
  if (due && reminded && *reminded <= *due) return std::nullopt;
  return due;
}

net::Task<void> remind_of_secrets(Context& context) {
  for (;;) {
    const auto apps = co_await context.store.oauth().apps();
    if (apps) {
      for (const auto& app : apps.value()) co_await remind(context, app);
    }
    co_await net::sleep_for(context.env, look_every);
  }
}

net::Task<void> keep_grants(Context& context, TokenKeeper& keeper) {
  for (;;) {
    co_await net::sleep_for(context.env, look_every);
    const auto grants = co_await context.store.oauth().grants();
    if (!grants) continue;
    int looked = 0;
    for (const auto& grant : grants.value()) {
      const Instant used = grant.last_refresh.value_or(grant.authorised_at);
      const bool idle = context.env.now() - used > limits::grant_idle_max - 24 * look_every;
      if (grant.state != GrantState::ok || !idle || ++looked > grants_a_look) continue;
      // Its failure is told where it is needed; a token that is still good here is an odd server's.
      static_cast<void>(co_await keeper.renew(grant.id, grant.serial));
    }
  }
}

}  // namespace postern::flows
