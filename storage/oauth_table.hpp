// OAuth's apps, grants and begun authorisations.
#pragma once

#include "storage/engine.hpp"
#include "storage/oauth.hpp"

namespace postern::storage {

class OAuthTable final : public OAuth {
 public:
  explicit OAuthTable(Engine& engine) : engine_(engine) {}

  // oauth_apps_table.cpp
  net::Task<Result<std::vector<StoredOAuthApp>>> apps() override;
  net::Task<Result<StoredOAuthApp>> find_app(std::string id_or_name) override;
  net::Task<Result<StoredOAuthApp>> create_app(OAuthAppDraft draft, std::string by,
                                               Instant at) override;
  net::Task<Result<StoredOAuthApp>> replace_app(OAuthAppId id, OAuthAppDraft draft,
                                                std::optional<std::uint64_t> if_version,
                                                std::string by, Instant at) override;
  net::Task<Result<void>> remove_app(OAuthAppId id,
                                     std::optional<std::uint64_t> if_version) override;
  net::Task<Result<OAuthAppSecrets>> app_secrets(OAuthAppId id) override;
  net::Task<Result<bool>> set_app_fault(OAuthAppId id, std::string fault,
                                        std::vector<NewEvent> events) override;
  net::Task<Result<void>> app_reminded(OAuthAppId id, int days,
                                       std::vector<NewEvent> events) override;

  // oauth_grants_table.cpp
  net::Task<Result<std::vector<OAuthGrant>>> grants() override;
  net::Task<Result<OAuthGrant>> grant(OAuthGrantId id) override;
  net::Task<Result<GrantTokens>> tokens(OAuthGrantId id) override;
  net::Task<Result<std::vector<IntegrationId>>> users(OAuthGrantId id) override;
  net::Task<Result<GivenGrant>> give(NewGrant grant) override;
  net::Task<Result<OAuthGrant>> keep_tokens(OAuthGrantId id, std::uint64_t serial,
                                            GrantTokens tokens, Instant at) override;
  net::Task<Result<void>> needs_consent(OAuthGrantId id, std::uint64_t serial,
                                        std::string trouble) override;
  net::Task<Result<std::vector<IntegrationId>>> remove_grant(OAuthGrantId id, std::string by,
                                                             Instant at) override;
  net::Task<Result<void>> begin(PendingAuthorisation pending) override;
  net::Task<Result<std::optional<PendingAuthorisation>>> take(std::string state_sha256,
                                                              Instant now) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
