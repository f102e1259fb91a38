#include "flows/authoriser.hpp"

#include "core/log.hpp"
#include "net/hashing.hpp"
#include "oauth/errc.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {

using oauth::errc;

namespace {

constexpr const char* callback_path = "/api/v1/oauth/callback";

bool is_person(OAuthFlow flow) {
  return flow == OAuthFlow::code || flow == OAuthFlow::device;
}

oauth::Uses uses_of(const Integration& integration) {
  oauth::Uses uses;
  if (integration.incoming.auth.method == AuthMethod::oauth2) {
    uses.pop = integration.incoming.protocol == "pop3";
    uses.imap = !uses.pop;
  }
  uses.smtp = integration.outgoing.auth.method == AuthMethod::oauth2;
  return uses;
}

/// The mailbox's names: what it logs in by, and its address.
std::vector<std::string> names_of(const Integration& integration) {
  std::vector<std::string> names;
  if (integration.incoming.auth.method == AuthMethod::oauth2) {
    names.push_back(integration.incoming.auth.username);
  }
  if (integration.outgoing.auth.method == AuthMethod::oauth2) {
    names.push_back(integration.outgoing.auth.username);
  }
  names.push_back(integration.address);
  std::erase(names, "");
  return names;
}

std::string mailbox_of(const Integration& integration) {
  const auto names = names_of(integration);
  return names.empty() ? "" : names.front();
}

Error wrong_state(std::string why) {
  return Error{storage::errc::wrong_state, std::move(why)};
}

std::vector<std::string> notes_on(const std::vector<std::string>& wanted,
                                  const oauth::Tokens& tokens) {
  std::vector<std::string> notes;
  if (tokens.refresh_token.empty()) {
    notes.push_back(
        "The provider gave no refresh token: it will have to be authorised again as soon as this "
        "token has run out. Ask for the scope offline_access, or what the provider calls it.");
  }
  std::vector<std::string> missing;
  for (const auto& scope : wanted) {
    const bool told =
        scope == "openid" || scope == "offline_access" || scope == "email" || scope == "profile";
    const bool given = std::ranges::find(tokens.scopes, scope) != tokens.scopes.end();
    if (!tokens.scopes.empty() && !given && !told) missing.push_back(scope);
  }
  if (!missing.empty()) {
    notes.push_back(
        fmt::format("Not everything was allowed; missing: {}.", fmt::join(missing, ", ")));
  }
  return notes;
}

}  // namespace

Authoriser::Authoriser(Context& context, boost::asio::any_io_executor home)
    : context_(context), home_(home), server_(context), scope_(std::move(home)) {}

net::Task<void> Authoriser::stop() {
  scope_.stop();
  co_await scope_.join();
  server_.drop_idle();
}

void Authoriser::set_on_change(std::function<void(std::vector<IntegrationId>)> on_change) {
  on_change_ = std::move(on_change);
}

std::string Authoriser::redirect_uri() const {
  const auto& url = context_.options.public_url;
  return url.empty() ? "" : url + callback_path;
}

net::Task<Result<AuthorisationBegun>> Authoriser::begin(AuthorisationWish wish) {
  co_return co_await net::run_on(home_, begin_here(std::move(wish)));
}

net::Task<Result<Authorised>> Authoriser::finish(oauth::AuthorizationAnswer answer,
                                                 std::string session_sha256,
                                                 std::string browser_sha256) {
  co_return co_await net::run_on(
      home_, finish_here(std::move(answer), std::move(session_sha256), std::move(browser_sha256)));
}

net::Task<Result<void>> Authoriser::revoke(OAuthGrantId grant, std::string by) {
  co_return co_await net::run_on(home_, revoke_here(grant, std::move(by)));
}

net::Task<Result<Authoriser::Case>> Authoriser::open(AuthorisationWish wish) {
  Case opened;
  POSTERN_CO_TRY(opened.integration,
                 co_await context_.store.integrations().find(std::move(wish.integration)));
  const auto& integration = opened.integration.value;
  const auto uses = uses_of(integration);
  if (!uses.imap && !uses.pop && !uses.smtp) {
    co_return wrong_state(fmt::format(
        "No direction of {} logs in by OAuth: set auth.method to \"oauth2\".", integration.name));
  }
  POSTERN_CO_TRY(opened.at, co_await server_.open(std::move(wish.app)));
  opened.scopes = oauth::scopes_of(opened.at.provider, opened.at.app.value, uses);
  opened.shared_mailbox = wish.shared_mailbox;
  opened.by = std::move(wish.by);
  co_return opened;
}

net::Task<Result<AuthorisationBegun>> Authoriser::begin_here(AuthorisationWish wish) {
  auto session = std::move(wish.session_sha256);
  auto browser = std::move(wish.browser_sha256);
  POSTERN_CO_TRY(auto opened, co_await open(std::move(wish)));
  AuthorisationBegun begun;
  switch (opened.at.app.value.flow) {
    case OAuthFlow::code:
      co_return co_await send_person(std::move(opened), std::move(session), std::move(browser));
    case OAuthFlow::device:
      co_return wrong_state("This app is authorised on another device: POST /oauth/device.");
    case OAuthFlow::client_credentials: {
      auto form = oauth::client_credentials_form(opened.scopes);
      POSTERN_CO_TRY(auto authorised, co_await ask(opened, std::move(form)));
      begun.grant = std::move(authorised.grant);
      co_return begun;
    }
    case OAuthFlow::service_account: {
      const auto asker = server_.client(opened.at);
      POSTERN_CO_TRY(auto form, oauth::service_account_form(
                                    asker, mailbox_of(opened.integration.value), opened.scopes));
      POSTERN_CO_TRY(auto authorised, co_await ask(opened, std::move(form)));
      begun.grant = std::move(authorised.grant);
      co_return begun;
    }
  }
  co_return begun;
}

net::Task<Result<AuthorisationBegun>> Authoriser::send_person(Case wish, std::string session_sha256,
                                                              std::string browser_sha256) {
  if (redirect_uri().empty()) {
    co_return wrong_state("Set [http] public_url: the provider sends people back to it.");
  }
  if (wish.at.endpoints.authorization.empty()) {
    co_return Error{errc::app_fault, "the app has no authorization endpoint"};
  }
  oauth::AuthorizationRequest request;
  request.redirect_uri = redirect_uri();
  request.state = server_.token();
  request.verifier = server_.token();
  request.nonce = server_.token();
  request.scopes = wish.scopes;
  if (!wish.shared_mailbox) request.login_hint = mailbox_of(wish.integration.value);
  storage::PendingAuthorisation pending;
  pending.state_sha256 = net::sha256(request.state);
  pending.app = wish.at.app.value.id;
  pending.integration = wish.integration.value.id;
  pending.shared_mailbox = wish.shared_mailbox;
  pending.asked_by = std::move(wish.by);
  pending.session_sha256 = std::move(session_sha256);
  pending.browser_sha256 = std::move(browser_sha256);
  pending.nonce = request.nonce;
  pending.verifier = Secret(request.verifier);
  pending.at = context_.env.now();
  POSTERN_CO_TRY(co_await context_.store.oauth().begin(std::move(pending)));
  AuthorisationBegun begun;
  begun.url =
      oauth::authorization_url(wish.at.provider, wish.at.endpoints, wish.at.app.value, request);
  co_return begun;
}

net::Task<Result<Authorised>> Authoriser::finish_here(oauth::AuthorizationAnswer answer,
                                                      std::string session_sha256,
                                                      std::string browser_sha256) {
  POSTERN_CO_TRY(auto pending, co_await context_.store.oauth().take(net::sha256(answer.state),
                                                                    context_.env.now()));
  if (!pending) {
    co_return Error{errc::refused,
                    "This authorisation is not known, was used already, or is over ten minutes "
                    "old."};
  }
  const bool of_session = !pending->session_sha256.empty();
  const bool theirs =
      pending->session_sha256 == session_sha256 ||
      (!pending->browser_sha256.empty() && pending->browser_sha256 == browser_sha256);
  if (of_session && !theirs) {
    co_return Error{errc::refused, "This authorisation was begun by somebody else, elsewhere."};
  }
  AuthorisationWish wish;
  wish.app = pending->app.str();
  wish.integration = pending->integration.str();
  wish.shared_mailbox = pending->shared_mailbox;
  wish.by = pending->asked_by;
  POSTERN_CO_TRY(auto opened, co_await open(std::move(wish)));
  opened.nonce = pending->nonce;
  POSTERN_CO_TRY(const auto code, oauth::code_in(answer, opened.at.endpoints));
  auto form = oauth::code_form(code, std::string(pending->verifier.reveal()), redirect_uri());
  co_return co_await ask(opened, std::move(form));
}

net::Task<Result<Authorised>> Authoriser::ask(const Case& wish, oauth::Form form) {
  auto answer = co_await server_.ask(wish.at, std::move(form));
  if (const auto* fault = std::get_if<oauth::TokenFault>(&answer)) {
    auto error = oauth::to_error(*fault);
    // A code that is not taken is no lost consent: there was none yet.
    if (fault->kind == oauth::FaultKind::consent) error.code = make_error_code(errc::refused);
    error.detail += ". " + fault->hint;
    co_return error;
  }
  co_return co_await settle(wish, std::get<oauth::Tokens>(std::move(answer)));
}

net::Task<Result<Authorised>> Authoriser::settle(const Case& wish, oauth::Tokens tokens) {
  oauth::Identity identity;
  const bool person = is_person(wish.at.app.value.flow);
  if (person) {
    POSTERN_CO_TRY(identity, co_await identify(wish, tokens));
    const auto mailbox = names_of(wish.integration.value);
    const bool free = wish.shared_mailbox || wish.at.provider.quirks.identity_may_differ;
    if (!free && oauth::fit(identity, mailbox) == oauth::Fit::differs) {
      const auto& refresh = tokens.refresh_token;
      co_await give_back(wish.at, refresh.empty() ? tokens.access_token : refresh);
      co_return Error{
          errc::wrong_person,
          fmt::format("{} authorised, but the mailbox is {}. Sign in as its owner, or allow it on "
                      "purpose with shared_mailbox.",
                      identity.shown(), fmt::join(mailbox, ", "))};
    }
  }
  POSTERN_CO_TRY(auto authorised, co_await keep(wish, tokens, identity));
  if (person) authorised.notes = notes_on(wish.scopes, tokens);
  co_return authorised;
}

/// From the id_token, else from the userinfo endpoint where there is one. An id_token that is not
/// for us ends it all; a userinfo endpoint that fails only leaves us not knowing.
net::Task<Result<oauth::Identity>> Authoriser::identify(const Case& wish,
                                                        const oauth::Tokens& tokens) {
  oauth::Identity identity;
  if (!tokens.id_token.empty()) {
    oauth::IdentityDemand demand;
    demand.issuer = wish.at.endpoints.issuer;
    demand.client_id = wish.at.app.value.client_id;
    demand.nonce = wish.nonce;
    demand.now = context_.env.now();
    POSTERN_CO_TRY(identity, oauth::identity_in(tokens.id_token, demand));
  }
  const bool known = identity.shown().find('@') != std::string::npos;
  const auto& endpoint = wish.at.endpoints.userinfo;
  if (known || endpoint.empty()) co_return identity;
  auto request = oauth::userinfo(endpoint, tokens.access_token);
  const auto answered = co_await server_.call(wish.at, std::move(request));
  if (!answered || answered.value().status != 200) co_return identity;
  auto told = oauth::identity_in_userinfo(answered.value().body);
  if (told && !told.value().names.empty()) co_return std::move(told).value();
  co_return identity;
}

net::Task<Result<Authorised>> Authoriser::keep(const Case& wish, const oauth::Tokens& tokens,
                                               const oauth::Identity& identity) {
  storage::NewGrant fresh;
  fresh.app = wish.at.app.value.id;
  fresh.integration = wish.integration.value.id;
  fresh.identity = identity.shown();
  if (wish.at.app.value.flow == OAuthFlow::service_account) {
    fresh.subject = mailbox_of(wish.integration.value);
  }
  fresh.at = context_.env.now();
  fresh.by = wish.by;
  fresh.tokens.access_token = tokens.access_token;
  fresh.tokens.refresh_token = tokens.refresh_token;
  fresh.tokens.scopes = tokens.scopes.empty() ? wish.scopes : tokens.scopes;
  if (tokens.lifetime) fresh.tokens.expires_at = fresh.at + *tokens.lifetime;
  POSTERN_CO_TRY(auto given, co_await context_.store.oauth().give(std::move(fresh)));
  static_cast<void>(co_await context_.store.oauth().set_app_fault(wish.at.app.value.id, "", {}));
  log::info("{} has a grant by the app {}", wish.integration.value.name, wish.at.app.value.name);
  if (on_change_) on_change_(given.users);
  Authorised authorised;
  authorised.grant = std::move(given.grant);
  authorised.integration = wish.integration.value.id;
  authorised.name = wish.integration.value.name;
  co_return authorised;
}

net::Task<void> Authoriser::give_back(const AppAtServer& at, Secret token) {
  if (at.endpoints.revocation.empty() || token.empty()) co_return;
  const auto asker = server_.client(at);
  auto request = oauth::revocation(asker, token);
  if (!request) co_return;
  const auto answered = co_await server_.call(at, std::move(request).value());
  // Whatever it answers, nothing more can be done here.
  if (!answered) log::warn("a token was not given back: {}", describe(answered.error()));
}

net::Task<Result<void>> Authoriser::revoke_here(OAuthGrantId id, std::string by) {
  auto& store = context_.store.oauth();
  POSTERN_CO_TRY(const auto grant, co_await store.grant(id));
  POSTERN_CO_TRY(const auto tokens, co_await store.tokens(id));
  const auto at = co_await server_.open(grant.app.str());
  if (at) {
    const auto& refresh = tokens.refresh_token;
    co_await give_back(at.value(), refresh.empty() ? tokens.access_token : refresh);
  }
  POSTERN_CO_TRY(auto users, co_await store.remove_grant(id, std::move(by), context_.env.now()));
  if (on_change_) on_change_(std::move(users));
  co_return success();
}

}  // namespace postern::flows
