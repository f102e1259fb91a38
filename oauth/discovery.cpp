// See discovery.hpp.
#include "oauth/discovery.hpp"

#include "core/json_text.hpp"
#include "core/syntax.hpp"
#include "net/http_client.hpp"
#include "oauth/authorization.hpp"
#include "oauth/token_answer.hpp"

namespace postern::oauth {
namespace {

bool is_safe(const std::string& url) {
  const auto parts = net::parse_url(url);
  return parts && (parts.value().tls || is_loopback_host(parts.value().host));
}

Result<void> complete(std::string& endpoint, const boost::json::object& document,
                      std::string_view name) {
  if (!endpoint.empty()) return success();
  auto found = json_text(document, name);
  if (!found.empty() && !is_safe(found)) {
    return Error{errc::unavailable, "the discovery document's " + std::string(name) +
                                        " is neither https nor on loopback"};
  }
  endpoint = std::move(found);
  return success();
}

}  // namespace

std::string discovery_url(std::string_view issuer) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

bool needs_discovery(const Endpoints& endpoints, OAuthFlow flow) {
  if (endpoints.issuer.empty() || endpoints.issuer.find('{') != std::string::npos) return false;
  if (endpoints.token.empty()) return true;
  switch (flow) {
    case OAuthFlow::code:
      return endpoints.authorization.empty();
    case OAuthFlow::device:
      return endpoints.device_authorization.empty();
    case OAuthFlow::client_credentials:
    case OAuthFlow::service_account:
      break;
  }
  return false;
}

Result<Endpoints> with_discovered(Endpoints known, std::string_view document) {
  const auto read = read_object(document);
  if (!read) return Error{errc::unavailable, "the discovery document is no JSON object"};
  if (json_text(*read, "issuer") != known.issuer) {
    return Error{errc::unavailable,
                 "the discovery document is of " + quoted(json_text(*read, "issuer"))};
  }
  POSTERN_TRY(complete(known.authorization, *read, "authorization_endpoint"));
  POSTERN_TRY(complete(known.token, *read, "token_endpoint"));
  POSTERN_TRY(complete(known.device_authorization, *read, "device_authorization_endpoint"));
  POSTERN_TRY(complete(known.revocation, *read, "revocation_endpoint"));
  POSTERN_TRY(complete(known.userinfo, *read, "userinfo_endpoint"));
  return known;
}

}  // namespace postern::oauth
