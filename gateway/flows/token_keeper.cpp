#include "flows/token_keeper.hpp"

#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/oauth_server.hpp"
#include "flows/token_house.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"
#include "oauth/errc.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <map>

namespace postern::flows {

using boost::asio::any_io_executor;
using oauth::errc;

namespace {

constexpr Duration stop_patience = std::chrono::seconds(5);

/// How much of its life a token must have left: some minutes, or a part of a short life.
Duration margin_of(const OAuthGrant& grant) {
  if (!grant.expires_at || !grant.last_refresh) return limits::token_margin;
  const Duration life = *grant.expires_at - *grant.last_refresh;
  return std::min<Duration>(limits::token_margin, life / 3);
}

Instant end_of(const OAuthGrant& grant) {
  const Instant begun = grant.last_refresh.value_or(grant.authorised_at);
  return grant.expires_at.value_or(begun + limits::token_untold_life);
}

bool is_person(OAuthFlow flow) {
  return flow == OAuthFlow::code || flow == OAuthFlow::device;
}

}  // namespace

// Everything is touched on `home` only.
struct TokenKeeper::State {
  /// One request on its way, and who waits for its answer.
  struct Flight {
    std::optional<Result<void>> result;
    std::list<std::shared_ptr<net::Wake>> waiting;  // shared with a waiter that was cancelled
  };
  /// What is remembered of a grant's token while this process lives.
  struct Trial {
    std::uint64_t forced = 0;    // made after a refusal
    std::uint64_t accepted = 0;  // by a server
  };
  struct Hold {
    Duration until;  // of Env::steady()
    Error error;
  };

  State(Context& of, any_io_executor at)
      : context(of), home(std::move(at)), server(of), scope(home), landed(of.env, home) {}

  net::Task<Result<AccessToken>> fresh(OAuthGrantId id);
  net::Task<Result<bool>> renew(OAuthGrantId id, std::uint64_t serial);
  net::Task<Result<void>> refreshed(OAuthGrantId id, std::uint64_t serial,
                                    std::shared_ptr<State> self);
  net::Task<void> fly(OAuthGrantId id, std::uint64_t serial, std::shared_ptr<State> self);
  net::Task<Result<void>> refresh(OAuthGrantId id, std::uint64_t serial);
  net::Task<Result<oauth::Form>> form_for(const AppAtServer& at, const OAuthGrant& grant);
  net::Task<Result<void>> keep(const AppAtServer& at, const OAuthGrant& grant,
                               oauth::Tokens tokens);
  net::Task<Result<void>> refused(const AppAtServer& at, const OAuthGrant& grant,
                                  oauth::TokenFault fault);
  net::Task<Result<void>> end_consent(const OAuthGrant& grant, std::string words);
  net::Task<void> told_app_fault(const AppAtServer& at, const oauth::TokenFault& fault);
  net::Task<Result<AccessToken>> given(const OAuthGrant& grant, bool after_refresh);

  Context& context;
  any_io_executor home;
  OAuthServer server;
  net::Scope scope;
  net::Wake landed;
  std::map<OAuthGrantId, std::shared_ptr<Flight>> flights;  // shared with those who wait
  std::map<OAuthGrantId, Trial> trials;
  std::map<OAuthAppId, Hold> holds;
  std::function<void(OAuthGrantId)> on_change = [](OAuthGrantId) {};
  std::weak_ptr<State> self;
};

net::Task<Result<AccessToken>> TokenKeeper::State::given(const OAuthGrant& grant,
                                                         bool after_refresh) {
  POSTERN_CO_TRY(auto tokens, co_await context.store.oauth().tokens(grant.id));
  AccessToken token;
  token.value = std::move(tokens.access_token);
  token.former = std::move(tokens.former_access_token);
  token.serial = grant.serial;
  token.refreshed = after_refresh;
  token.expires_at = grant.expires_at;
  token.scopes = grant.scopes;
  token.identity = grant.identity;
  co_return token;
}

net::Task<Result<AccessToken>> TokenKeeper::State::fresh(OAuthGrantId id) {
  auto read = co_await context.store.oauth().grant(id);
  if (!read && read.error().code == storage::errc::not_found) {
    co_return Error{errc::no_grant, "the grant is gone"};
  }
  if (!read) co_return std::move(read).error();
  const auto grant = std::move(read).value();
  if (grant.state == GrantState::needs_consent)
    co_return Error{errc::consent_needed, grant.trouble};
  const Duration left = end_of(grant) - context.env.now();
  if (left > margin_of(grant)) co_return co_await given(grant, false);
  auto done = co_await refreshed(id, grant.serial, self.lock());
  if (!done) {
    const auto& code = done.error().code;
    const bool passes = code == errc::unavailable || code == errc::throttled;
    // Better than nothing while it lives.
    if (passes && left > std::min<Duration>(limits::token_last, margin_of(grant))) {
      co_return co_await given(grant, false);
    }
    co_return std::move(done).error();
  }
  POSTERN_CO_TRY(const auto next, co_await context.store.oauth().grant(id));
  co_return co_await given(next, true);
}

net::Task<Result<bool>> TokenKeeper::State::renew(OAuthGrantId id, std::uint64_t serial) {
  POSTERN_CO_TRY(const auto grant, co_await context.store.oauth().grant(id));
  if (grant.state == GrantState::needs_consent)
    co_return Error{errc::consent_needed, grant.trouble};
  if (grant.serial != serial) co_return true;  // another one who was refused was here before
  const auto& trial = trials[id];
  if (trial.forced == serial && trial.accepted != serial) co_return false;
  POSTERN_CO_TRY(co_await refreshed(id, serial, self.lock()));
  POSTERN_CO_TRY(const auto next, co_await context.store.oauth().grant(id));
  trials[id].forced = next.serial;
  co_return true;
}

/// Joins the request on its way, or begins one. It lives on when the caller is cancelled.
net::Task<Result<void>> TokenKeeper::State::refreshed(OAuthGrantId id, std::uint64_t serial,
                                                      std::shared_ptr<State> keeper) {
  auto& place = flights[id];
  if (!place) {
    place = std::make_shared<Flight>();
    scope.spawn(fly(id, serial, keeper));
  }
  const auto flight = place;
  const auto wake = std::make_shared<net::Wake>(context.env, home);
  flight->waiting.push_back(wake);
  while (!flight->result) co_await wake->wait(limits::oauth_request);
  co_return *flight->result;
}

net::Task<void> TokenKeeper::State::fly(OAuthGrantId id, std::uint64_t serial,
                                        std::shared_ptr<State> /*keeper*/) {
  auto result = co_await refresh(id, serial);
  const auto flight = flights[id];
  flights.erase(id);
  flight->result = std::move(result);
  for (const auto& wake : flight->waiting) wake->notify();
  landed.notify();
}

net::Task<Result<void>> TokenKeeper::State::refresh(OAuthGrantId id, std::uint64_t serial) {
  POSTERN_CO_TRY(const auto grant, co_await context.store.oauth().grant(id));
  if (grant.serial != serial) co_return success();  // it came while we were on our way
  const auto hold = holds.find(grant.app);
  if (hold != holds.end() && context.env.steady() < hold->second.until) {
    co_return hold->second.error;
  }
  POSTERN_CO_TRY(const auto at, co_await server.open(grant.app.str()));
  auto form = co_await form_for(at, grant);
  if (!form && form.error().code == errc::no_grant) {
    co_return co_await end_consent(grant, form.error().detail);
  }
  if (!form) co_return std::move(form).error();
  auto answer = co_await server.ask(at, std::move(form).value());
  if (auto* fault = std::get_if<oauth::TokenFault>(&answer)) {
    co_return co_await refused(at, grant, std::move(*fault));
  }
  co_return co_await keep(at, grant, std::get<oauth::Tokens>(std::move(answer)));
}

net::Task<Result<oauth::Form>> TokenKeeper::State::form_for(const AppAtServer& at,
                                                            const OAuthGrant& grant) {
  const auto& app = at.app.value;
  if (is_person(app.flow)) {
    POSTERN_CO_TRY(const auto tokens, co_await context.store.oauth().tokens(grant.id));
    if (tokens.refresh_token.empty()) {
      co_return Error{errc::no_grant,
                      "the provider gave no refresh token: ask for the scope offline_access"};
    }
    co_return oauth::refresh_form(tokens.refresh_token);
  }
  const auto scopes = oauth::scopes_of(at.provider, app, {});
  if (app.flow == OAuthFlow::client_credentials) co_return oauth::client_credentials_form(scopes);
  const auto asker = server.client(at);
  co_return oauth::service_account_form(asker, grant.subject, scopes);
}

net::Task<Result<void>> TokenKeeper::State::keep(const AppAtServer& at, const OAuthGrant& grant,
                                                 oauth::Tokens tokens) {
  holds.erase(grant.app);
  const Instant now = context.env.now();
  storage::GrantTokens fresh;
  fresh.access_token = std::move(tokens.access_token);
  fresh.refresh_token = std::move(tokens.refresh_token);
  fresh.scopes = std::move(tokens.scopes);
  if (tokens.lifetime) fresh.expires_at = now + *tokens.lifetime;
  auto kept =
      co_await context.store.oauth().keep_tokens(grant.id, grant.serial, std::move(fresh), now);
  // Somebody authorised anew meanwhile: there are tokens, and younger ones.
  if (!kept && kept.error().code != storage::errc::wrong_state) co_return std::move(kept).error();
  if (!at.app.fault.empty()) {
    static_cast<void>(co_await context.store.oauth().set_app_fault(grant.app, "", {}));
  }
  co_return success();
}

net::Task<Result<void>> TokenKeeper::State::refused(const AppAtServer& at, const OAuthGrant& grant,
                                                    oauth::TokenFault fault) {
  auto error = oauth::to_error(fault);
  switch (fault.kind) {
    case oauth::FaultKind::consent:
    case oauth::FaultKind::ended:
      co_return co_await end_consent(grant, fault.words);
    case oauth::FaultKind::app: {
      error.detail = fault.words + ". " + fault.hint;
      co_await told_app_fault(at, fault);
      co_return error;
    }
    case oauth::FaultKind::pending:
    case oauth::FaultKind::slow_down:
    case oauth::FaultKind::transient:
      break;
  }
  if (fault.wait)
    holds.insert_or_assign(grant.app, Hold{context.env.steady() + *fault.wait, error});
  co_return error;
}

net::Task<Result<void>> TokenKeeper::State::end_consent(const OAuthGrant& grant,
                                                        std::string words) {
  auto kept = co_await context.store.oauth().needs_consent(grant.id, grant.serial, words);
  if (!kept && kept.error().code == storage::errc::wrong_state) co_return success();
  if (!kept) co_return std::move(kept).error();
  log::warn("the grant {} needs consent: {}", grant.id.str(), words);
  trials.erase(grant.id);
  on_change(grant.id);
  co_return Error{errc::consent_needed, std::move(words)};
}

net::Task<void> TokenKeeper::State::told_app_fault(const AppAtServer& at,
                                                   const oauth::TokenFault& fault) {
  NewEvent event;
  event.kind = "oauth.refresh_failed";
  event.at = context.env.now();
  event.login = at.app.value.client_id;
  event.message = fmt::format("{}: the authorization server refuses the app: {}", at.app.value.name,
                              fault.words);
  event.hint = fault.hint;
  event.data["app"] = at.app.value.id.str();
  std::vector<NewEvent> events;
  events.push_back(std::move(event));
  const auto told =
      co_await context.store.oauth().set_app_fault(at.app.value.id, fault.words, std::move(events));
  if (!told) log::error("an app's fault was not kept: {}", describe(told.error()));
}

namespace {

template <class State>
net::Task<Result<AccessToken>> fresh_at(std::shared_ptr<State> state, OAuthGrantId grant) {
  co_return co_await state->fresh(grant);
}

template <class State>
net::Task<Result<bool>> renew_at(std::shared_ptr<State> state, OAuthGrantId grant,
                                 std::uint64_t serial) {
  co_return co_await state->renew(grant, serial);
}

}  // namespace

TokenKeeper::TokenKeeper(Context& context, any_io_executor home)
    : state_(std::make_shared<State>(context, std::move(home))) {
  state_->self = state_;
}

TokenKeeper::~TokenKeeper() = default;

void TokenKeeper::start() {
  state_->scope.spawn(keep_grants(state_->context, *this));
  state_->scope.spawn(remind_of_secrets(state_->context));
}

net::Task<void> TokenKeeper::stop() {
  const Duration ends = state_->context.env.steady() + stop_patience;
  while (!state_->flights.empty() && state_->context.env.steady() < ends) {
    co_await state_->landed.wait(ends - state_->context.env.steady());
  }
  state_->scope.stop();
  co_await state_->scope.join();
  state_->server.drop_idle();
}

net::Task<Result<AccessToken>> TokenKeeper::fresh(OAuthGrantId grant) {
  co_return co_await net::run_on(state_->home, fresh_at(state_, grant));
}

net::Task<Result<bool>> TokenKeeper::renew(OAuthGrantId grant, std::uint64_t serial) {
  co_return co_await net::run_on(state_->home, renew_at(state_, grant, serial));
}

void TokenKeeper::accepted(OAuthGrantId grant, std::uint64_t serial) {
  boost::asio::post(state_->home, [state = state_, grant, serial] {
    const auto found = state->trials.find(grant);
    if (found != state->trials.end()) found->second.accepted = serial;
  });
}

void TokenKeeper::app_changed(OAuthAppId app) {
  state_->holds.erase(app);
}

void TokenKeeper::set_on_change(std::function<void(OAuthGrantId)> on_change) {
  state_->on_change = std::move(on_change);
}

}  // namespace postern::flows
