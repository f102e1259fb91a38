// See provider.hpp.
#include "oauth/provider.hpp"

#include <algorithm>

namespace postern::oauth {
namespace {

constexpr std::string_view tenant_mark = "{tenant}";

void add_once(std::vector<std::string>& scopes, const std::vector<std::string>& more) {
  for (const auto& scope : more) {
    if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
  }
}

/// A GUID, as Microsoft writes a tenant's id.
bool is_id(std::string_view tenant) {
  constexpr std::size_t guid_bytes = 36;
  return tenant.size() == guid_bytes && std::ranges::count(tenant, '-') == 4;
}

}  // namespace

std::string with_tenant(std::string_view text, std::string_view tenant) {
  std::string result;
  for (;;) {
    const auto mark = text.find(tenant_mark);
    if (mark == std::string_view::npos) return result.append(text);
    result.append(text.substr(0, mark)).append(tenant);
    text.remove_prefix(mark + tenant_mark.size());
  }
}

Endpoints endpoints_of(const Provider& provider, const OAuthApp& app) {
  const auto& tenant = app.tenant.empty() ? provider.tenant_default : app.tenant;
  const auto chosen = [&](const std::string& own, const std::string& known) {
    return with_tenant(own.empty() ? known : own, tenant);
  };
  const auto& known = provider.endpoints;
  Endpoints endpoints;
  // Issuers name a tenant by its id, whatever the app names it by: then any tenant's will do.
  endpoints.issuer = app.issuer.empty() ? known.issuer : app.issuer;
  if (is_id(tenant)) endpoints.issuer = with_tenant(endpoints.issuer, tenant);
  endpoints.authorization = chosen(app.authorization_endpoint, known.authorization);
  endpoints.token = chosen(app.token_endpoint, known.token);
  endpoints.device_authorization =
      chosen(app.device_authorization_endpoint, known.device_authorization);
  endpoints.revocation = chosen(app.revocation_endpoint, known.revocation);
  endpoints.userinfo = chosen(app.userinfo_endpoint, known.userinfo);
  return endpoints;
}

std::vector<std::string> scopes_of(const Provider& provider, const OAuthApp& app, Uses used) {
  if (!app.scopes.empty()) return app.scopes;
  const auto& known = provider.scopes;
  const bool person = app.flow == OAuthFlow::code || app.flow == OAuthFlow::device;
  if (!person) return known.application;
  std::vector<std::string> scopes;
  if (used.imap) add_once(scopes, known.imap);
  if (used.pop) add_once(scopes, known.pop);
  if (used.smtp) add_once(scopes, known.smtp);
  add_once(scopes, known.always);
  return scopes;
}

const Provider& custom_provider() {
  static const Provider custom = [] {
    Provider provider;
    provider.id = "custom";
    provider.name = "Another provider";
    provider.flows = {OAuthFlow::code, OAuthFlow::device, OAuthFlow::client_credentials,
                      OAuthFlow::service_account};
    provider.logins.password = true;
    provider.logins.oauth2 = true;
    provider.notes = "Give its servers, and for OAuth 2.0 its issuer or its endpoints, by hand.";
    return provider;
  }();
  return custom;
}

}  // namespace postern::oauth
