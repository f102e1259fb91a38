// OAuth's rows: apps, grants with their tokens, and authorisations that somebody has begun. All
// secrets are sealed, each bound to its row.
#pragma once

#include "core/event.hpp"
#include "core/oauth.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredOAuthApp {
  OAuthApp value;
  std::uint64_t version = 0;  // its ETag; counts changes of people, not what became of it
  Instant created_at, modified_at;
  std::string modified_by;
  bool client_secret_set = false, private_key_set = false;
  std::string fault;                 // why the authorization server refuses it; empty: it does not
  std::optional<int> reminded_days;  // the last reminder of its secret's end: days before it
};

/// Tokens as they came. An empty refresh token keeps the stored one.
struct GrantTokens {
  Secret access_token, refresh_token;
  Secret former_access_token;  // of what is read: a server may say it back for a while yet
  std::optional<Instant> expires_at;
  std::vector<std::string> scopes;  // empty: as before
};

/// What an authorisation brought, for one integration.
struct NewGrant {
  OAuthAppId app;
  IntegrationId integration;
  std::string identity, subject;
  GrantTokens tokens;
  std::string by;
  Instant at;
};

struct GivenGrant {
  OAuthGrant grant;
  std::vector<IntegrationId> users;  // the integrations that log in by it
};

/// An authorisation that a person began. `state_sha256` is what the browser brings back, hashed.
struct PendingAuthorisation {
  std::string state_sha256;
  OAuthAppId app;
  IntegrationId integration;
  bool shared_mailbox = false;  // another person's mailbox, on purpose
  std::string asked_by;
  std::string session_sha256, browser_sha256;  // empty: asked for with an API token
  std::string nonce;
  Secret verifier;
  Instant at;
};

constexpr std::chrono::minutes pending_authorisations_for{10};

class OAuth {
 public:
  virtual ~OAuth() = default;

  virtual net::Task<Result<std::vector<StoredOAuthApp>>> apps() = 0;
  virtual net::Task<Result<StoredOAuthApp>> find_app(std::string id_or_name) = 0;
  /// Errors: name_taken.
  virtual net::Task<Result<StoredOAuthApp>> create_app(OAuthAppDraft draft, std::string by,
                                                       Instant at) = 0;
  /// Forgets its fault and its reminders: both are looked at anew.
  /// Errors: not_found, name_taken, version_mismatch.
  virtual net::Task<Result<StoredOAuthApp>> replace_app(OAuthAppId id, OAuthAppDraft draft,
                                                        std::optional<std::uint64_t> if_version,
                                                        std::string by, Instant at) = 0;
  /// Errors: not_found, version_mismatch, wrong_state (grants were given through it).
  virtual net::Task<Result<void>> remove_app(OAuthAppId id,
                                             std::optional<std::uint64_t> if_version) = 0;
  virtual net::Task<Result<OAuthAppSecrets>> app_secrets(OAuthAppId id) = 0;
  /// The server refuses the app, or (empty) takes it again. The events are written only when it was
  /// not so before: true.
  virtual net::Task<Result<bool>> set_app_fault(OAuthAppId id, std::string fault,
                                                std::vector<NewEvent> events) = 0;
  virtual net::Task<Result<void>> app_reminded(OAuthAppId id, int days,
                                               std::vector<NewEvent> events) = 0;

  virtual net::Task<Result<std::vector<OAuthGrant>>> grants() = 0;
  /// Errors: not_found.
  virtual net::Task<Result<OAuthGrant>> grant(OAuthGrantId id) = 0;
  virtual net::Task<Result<GrantTokens>> tokens(OAuthGrantId id) = 0;
  /// The integrations that log in by it.
  virtual net::Task<Result<std::vector<IntegrationId>>> users(OAuthGrantId id) = 0;

  /// Keeps the grant and has the integration's logins by OAuth use it, in one transaction. The
  /// integration's own grant is renewed where app, identity and subject are the same, so that all
  /// who use it are mended; else a new one is made, and the former goes if nobody uses it.
  /// Errors: not_found (app or integration).
  virtual net::Task<Result<GivenGrant>> give(NewGrant grant) = 0;
  /// The next tokens of the grant whose token is `serial`. Errors: not_found, wrong_state (they
  /// came from elsewhere meanwhile).
  virtual net::Task<Result<OAuthGrant>> keep_tokens(OAuthGrantId id, std::uint64_t serial,
                                                    GrantTokens tokens, Instant at) = 0;
  /// The token endpoint refused the grant, in these words: its tokens go.
  /// Errors: as keep_tokens().
  virtual net::Task<Result<void>> needs_consent(OAuthGrantId id, std::uint64_t serial,
                                                std::string trouble) = 0;
  /// Its integrations have no grant afterwards. Gives who they were. Errors: not_found.
  virtual net::Task<Result<std::vector<IntegrationId>>> remove_grant(OAuthGrantId id,
                                                                     std::string by,
                                                                     Instant at) = 0;

  virtual net::Task<Result<void>> begin(PendingAuthorisation pending) = 0;
  /// Gives it once: it is gone afterwards. Nothing when there is none, or it is over
  /// pending_authorisations_for old.
  virtual net::Task<Result<std::optional<PendingAuthorisation>>> take(std::string state_sha256,
                                                                      Instant now) = 0;
};

}  // namespace postern::storage
