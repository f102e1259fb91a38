// The grants' rows and those of begun authorisations; see oauth_table.hpp.
#include "core/integration_json.hpp"
#include "storage/columns.hpp"
#include "storage/integration_rows.hpp"
#include "storage/oauth_table.hpp"
#include "storage/secret_rows.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <limits>

namespace postern::storage {
namespace {

constexpr std::string_view owner = "oauth_grant";
constexpr std::string_view access_field = "access_token";
constexpr std::string_view former_field = "former_access_token";
constexpr std::string_view refresh_field = "refresh_token";
constexpr std::string_view pending_owner = "oauth_pending";
constexpr std::string_view verifier_field = "verifier";
constexpr const char* select_grant =
    "SELECT id, app, state, identity, subject, scopes, authorised_by, authorised_at, expires_at, "
    "last_refresh, serial, trouble FROM oauth_grant";

SecretPlace place(OAuthGrantId id, std::string_view field) {
  return {owner, id.value, field};
}

OAuthGrant read_row(Query& query) {
  OAuthGrant grant;
  std::string state, scopes;
  query.read(grant.id, grant.app, state, grant.identity, grant.subject, scopes, grant.authorised_by,
             grant.authorised_at, grant.expires_at, grant.last_refresh, grant.serial,
             grant.trouble);
  grant.state = state == "ok" ? GrantState::ok : GrantState::needs_consent;
  grant.scopes = strings_from_json(scopes);
  return grant;
}

Error no_grant(OAuthGrantId id) {
  return Error{errc::not_found, "OAuth grant " + id.str()};
}

Result<OAuthGrant> read_grant(Transaction& transaction, OAuthGrantId id) {
  auto query = transaction.query(std::string(select_grant) + " WHERE id = ?1", id);
  if (!query.step()) return no_grant(id);
  return read_row(query);
}

std::vector<IntegrationId> users_of(Transaction& transaction, OAuthGrantId id) {
  std::vector<IntegrationId> users;
  auto query = transaction.query(
      "SELECT id FROM integration WHERE removed_at IS NULL AND "
      "(json_extract(config, '$.incoming.auth.grant') = ?1 OR "
      "json_extract(config, '$.outgoing.auth.grant') = ?1) ORDER BY id",
      id.str());
  while (query.step()) query.read(users.emplace_back());
  return users;
}

bool used_by_target(Transaction& transaction, OAuthGrantId id) {
  return transaction
      .query(
          "SELECT 1 FROM target WHERE removed_at IS NULL AND "
          "json_extract(config, '$.auth.grant') = ?1",
          id.str())
      .step();
}

Result<void> put_tokens(Transaction& transaction, const SecretKeys& keys, OAuthGrantId id,
                        const GrantTokens& tokens) {
  POSTERN_TRY(const auto former, get_secret(transaction, keys, place(id, access_field)));
  if (former != tokens.access_token) {
    POSTERN_TRY(put_secret(transaction, keys, place(id, former_field), former));
  }
  POSTERN_TRY(put_secret(transaction, keys, place(id, access_field), tokens.access_token));
  if (tokens.refresh_token.empty()) return success();
  return put_secret(transaction, keys, place(id, refresh_field), tokens.refresh_token);
}

/// The integration's logins by OAuth use `grant` (or none) from now on, instead of `former` when
/// one is named.
Result<void> point(Transaction& transaction, IntegrationId id, std::optional<OAuthGrantId> grant,
                   std::optional<OAuthGrantId> former, const std::string& by, Instant at) {
  POSTERN_TRY(auto stored, read_integration(transaction, id));
  for (auto* auth : {&stored.value.incoming.auth, &stored.value.outgoing.auth}) {
    const bool meant = former ? auth->grant == former->str() : auth->method == AuthMethod::oauth2;
    if (!meant) continue;
    auth->grant.reset();
    if (grant) auth->grant = grant->str();
  }
  transaction.run(
      "UPDATE integration SET config = ?2, version = version + 1, modified_at = ?3, "
      "modified_by = ?4 WHERE id = ?1",
      id, boost::json::serialize(to_json(stored.value)), at, by);
  return success();
}

/// The grants that an integration's logins by OAuth use now.
std::vector<OAuthGrantId> grants_of(const Integration& integration) {
  std::vector<OAuthGrantId> grants;
  for (const auto* auth : {&integration.incoming.auth, &integration.outgoing.auth}) {
    if (auth->method != AuthMethod::oauth2 || !auth->grant) continue;
    const auto id = OAuthGrantId::parse(*auth->grant);
    if (id && std::ranges::find(grants, *id) == grants.end()) grants.push_back(*id);
  }
  return grants;
}

void remove_row(Transaction& transaction, OAuthGrantId id) {
  remove_secrets(transaction, owner, id.value);
  transaction.run("DELETE FROM oauth_grant WHERE id = ?1", id);
}

Result<void> check_serial(Transaction& transaction, OAuthGrantId id, std::uint64_t serial) {
  POSTERN_TRY(const auto grant, read_grant(transaction, id));
  if (grant.serial != serial) {
    return Error{errc::wrong_state, "its tokens came from elsewhere meanwhile"};
  }
  return success();
}

/// The one to renew: of the same app, person and mailbox.
OAuthGrantId former_like(Transaction& transaction, const std::vector<OAuthGrantId>& former,
                         const NewGrant& grant) {
  for (const auto id : former) {
    const auto row = read_grant(transaction, id);
    if (row && row.value().app == grant.app && row.value().identity == grant.identity &&
        row.value().subject == grant.subject) {
      return id;
    }
  }
  return {};
}

Result<OAuthGrantId> put_grant(Transaction& transaction, const SecretKeys& keys,
                               const NewGrant& grant, OAuthGrantId renewed) {
  const bool known = transaction.query("SELECT 1 FROM oauth_app WHERE id = ?1", grant.app).step();
  if (!known) return Error{errc::not_found, "OAuth app " + grant.app.str()};
  const auto id = renewed ? renewed : transaction.new_id<OAuthGrantId>();
  transaction.run(
      "INSERT INTO oauth_grant (id, app, state, identity, subject, scopes, authorised_by, "
      "authorised_at, expires_at, last_refresh, serial, trouble) "
      "VALUES (?1, ?2, 'ok', ?3, ?4, ?5, ?6, ?7, ?8, ?7, 1, '') ON CONFLICT DO UPDATE SET "
      "state = 'ok', scopes = excluded.scopes, authorised_by = excluded.authorised_by, "
      "authorised_at = excluded.authorised_at, expires_at = excluded.expires_at, "
      "last_refresh = excluded.last_refresh, serial = serial + 1, trouble = ''",
      id, grant.app, grant.identity, grant.subject, strings_to_json(grant.tokens.scopes), grant.by,
      grant.at, grant.tokens.expires_at);
  // Of another life: a refresh token that is not there now is none.
  POSTERN_TRY(put_secret(transaction, keys, place(id, refresh_field), Secret()));
  POSTERN_TRY(put_tokens(transaction, keys, id, grant.tokens));
  return id;
}

}  // namespace

net::Task<Result<std::vector<OAuthGrant>>> OAuthTable::grants() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<OAuthGrant>> {
    std::vector<OAuthGrant> rows;
    auto query = transaction.query(std::string(select_grant) + " ORDER BY id");
    while (query.step()) rows.push_back(read_row(query));
    return rows;
  });
}

net::Task<Result<OAuthGrant>> OAuthTable::grant(OAuthGrantId id) {
  return engine_.read([id](Transaction& transaction) { return read_grant(transaction, id); });
}

net::Task<Result<GrantTokens>> OAuthTable::tokens(OAuthGrantId id) {
  return engine_.read([id, &keys = engine_.keys](Transaction& transaction) -> Result<GrantTokens> {
    POSTERN_TRY(const auto grant, read_grant(transaction, id));
    GrantTokens tokens;
    tokens.expires_at = grant.expires_at;
    tokens.scopes = grant.scopes;
    POSTERN_TRY(tokens.access_token, get_secret(transaction, keys, place(id, access_field)));
    POSTERN_TRY(tokens.former_access_token, get_secret(transaction, keys, place(id, former_field)));
    POSTERN_TRY(tokens.refresh_token, get_secret(transaction, keys, place(id, refresh_field)));
    return tokens;
  });
}

net::Task<Result<std::vector<IntegrationId>>> OAuthTable::users(OAuthGrantId id) {
  return engine_.read([id](Transaction& transaction) -> Result<std::vector<IntegrationId>> {
    return users_of(transaction, id);
  });
}

net::Task<Result<GivenGrant>> OAuthTable::give(NewGrant grant) {
  return engine_.write([grant = std::move(grant),
                        &keys = engine_.keys](Transaction& transaction) -> Result<GivenGrant> {
    POSTERN_TRY(const auto stored, read_integration(transaction, grant.integration));
    const auto former = grants_of(stored.value);
    const auto renewed = former_like(transaction, former, grant);
    POSTERN_TRY(const auto id, put_grant(transaction, keys, grant, renewed));
    POSTERN_TRY(point(transaction, grant.integration, id, std::nullopt, grant.by, grant.at));
    for (const auto each : former) {
      const bool used =
          each == id || used_by_target(transaction, each) || !users_of(transaction, each).empty();
      if (!used) remove_row(transaction, each);
    }
    GivenGrant given;
    POSTERN_TRY(given.grant, read_grant(transaction, id));
    given.users = users_of(transaction, id);
    return given;
  });
}

net::Task<Result<OAuthGrant>> OAuthTable::keep_tokens(OAuthGrantId id, std::uint64_t serial,
                                                      GrantTokens tokens, Instant at) {
  return engine_.write([id, serial, tokens = std::move(tokens), at,
                        &keys = engine_.keys](Transaction& transaction) -> Result<OAuthGrant> {
    POSTERN_TRY(check_serial(transaction, id, serial));
    POSTERN_TRY(put_tokens(transaction, keys, id, tokens));
    std::optional<std::string> scopes;
    if (!tokens.scopes.empty()) scopes = strings_to_json(tokens.scopes);
    transaction.run(
        "UPDATE oauth_grant SET serial = serial + 1, expires_at = ?2, last_refresh = ?3, "
        "scopes = coalesce(?4, scopes), trouble = '' WHERE id = ?1",
        id, tokens.expires_at, at, scopes);
    return read_grant(transaction, id);
  });
}

net::Task<Result<void>> OAuthTable::needs_consent(OAuthGrantId id, std::uint64_t serial,
                                                  std::string trouble) {
  return engine_.write(
      [id, serial, trouble = std::move(trouble)](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(check_serial(transaction, id, serial));
        remove_secrets(transaction, owner, id.value);
        transaction.run(
            "UPDATE oauth_grant SET state = 'needs_consent', serial = serial + 1, "
            "expires_at = NULL, trouble = ?2 WHERE id = ?1",
            id, trouble);
        return success();
      });
}

net::Task<Result<std::vector<IntegrationId>>> OAuthTable::remove_grant(OAuthGrantId id,
                                                                       std::string by, Instant at) {
  return engine_.write(
      [id, by = std::move(by), at](Transaction& transaction) -> Result<std::vector<IntegrationId>> {
        POSTERN_TRY(read_grant(transaction, id));
        auto users = users_of(transaction, id);
        for (const auto user : users) {
          POSTERN_TRY(point(transaction, user, std::nullopt, id, by, at));
        }
        remove_row(transaction, id);
        return users;
      });
}

net::Task<Result<void>> OAuthTable::begin(PendingAuthorisation pending) {
  return engine_.write([pending = std::move(pending),
                        &keys = engine_.keys](Transaction& transaction) -> Result<void> {
    // Those that nobody came back from.
    const Instant oldest = pending.at - pending_authorisations_for;
    transaction.run(
        "DELETE FROM secret WHERE owner = 'oauth_pending' AND owner_id IN "
        "(SELECT id FROM oauth_pending WHERE at < ?1)",
        oldest);
    transaction.run("DELETE FROM oauth_pending WHERE at < ?1", oldest);
    const auto id = transaction.new_id<OAuthGrantId>();  // a number of its own; nobody sees it
    transaction.run(
        "INSERT INTO oauth_pending (id, state_sha256, app, integration, shared_mailbox, asked_by, "
        "session_sha256, browser_sha256, nonce, at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        id, pending.state_sha256, pending.app, pending.integration, pending.shared_mailbox,
        pending.asked_by, pending.session_sha256, pending.browser_sha256, pending.nonce,
        pending.at);
    return put_secret(transaction, keys, {pending_owner, id.value, verifier_field},
                      pending.verifier);
  });
}

net::Task<Result<std::optional<PendingAuthorisation>>> OAuthTable::take(std::string state_sha256,
                                                                        Instant now) {
  return engine_.write(
      [state_sha256 = std::move(state_sha256), now, &keys = engine_.keys](
          Transaction& transaction) -> Result<std::optional<PendingAuthorisation>> {
        PendingAuthorisation pending;
        OAuthGrantId id;
        {
          auto query = transaction.query(
              "SELECT id, state_sha256, app, integration, shared_mailbox, asked_by, "
              "session_sha256, browser_sha256, nonce, at FROM oauth_pending "
              "WHERE state_sha256 = ?1",
              state_sha256);
          if (!query.step()) return std::optional<PendingAuthorisation>();
          query.read(id, pending.state_sha256, pending.app, pending.integration,
                     pending.shared_mailbox, pending.asked_by, pending.session_sha256,
                     pending.browser_sha256, pending.nonce, pending.at);
        }
        POSTERN_TRY(pending.verifier,
                    get_secret(transaction, keys, {pending_owner, id.value, verifier_field}));
        remove_secrets(transaction, pending_owner, id.value);
        transaction.run("DELETE FROM oauth_pending WHERE id = ?1", id);
        if (pending.at + pending_authorisations_for < now) {
          return std::optional<PendingAuthorisation>();
        }
        return std::optional(std::move(pending));
      });
}

}  // namespace postern::storage
