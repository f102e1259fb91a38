// OAuth's values: an app (what a provider knows this gateway as), and a grant (what was authorised
// through it). Field names are those of the contract's JSON.
#pragma once

#include "core/ids.hpp"
#include "core/problems.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern {

struct OAuthAppTag {
  static constexpr std::string_view prefix = "app";
};
struct OAuthGrantTag {
  static constexpr std::string_view prefix = "grt";
};
using OAuthAppId = Id<OAuthAppTag>;
using OAuthGrantId = Id<OAuthGrantTag>;

/// How a token is come by: a person at a browser here, or at another device; the app for itself;
/// a service account in a mailbox's name.
enum class OAuthFlow { code, device, client_credentials, service_account };
std::string_view to_string(OAuthFlow flow);

struct OAuthApp {
  OAuthAppId id;
  std::string name;
  std::string provider = "custom";
  OAuthFlow flow = OAuthFlow::code;
  std::string client_id;  // of a service account: its address
  std::string tenant;
  std::vector<std::string> scopes;  // empty: the provider's
  std::optional<Instant> secret_expires_at;
  std::string certificate_pem;  // proves the app by its key instead of a secret
  std::string key_id;           // "kid" of a service account's key
  // In the place of the provider's; with `issuer` alone the rest is found by discovery.
  std::string issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint;
  std::string revocation_endpoint, userinfo_endpoint;
  std::optional<std::string> ca_pem;  // of an authorization server of one's own
};

struct OAuthAppSecrets {
  Secret client_secret, private_key_pem;
};

/// A secret left out keeps the stored one, an empty one (null in JSON) clears it.
struct OAuthAppDraft {
  OAuthApp value;
  std::optional<Secret> client_secret, private_key_pem;
};

/// Everything but the secrets; `id` only when there is one. Reading it back gives an equal value.
boost::json::object to_json(const OAuthApp& app);

/// Reads the contract's object, every mistake at once. Read-only fields are accepted and ignored.
/// URLs are https, or http on loopback. Whether certificate and key fit is not looked at here.
std::variant<OAuthAppDraft, FieldProblems> parse_oauth_app(const boost::json::value& json);

/// What is wrong with a URL that codes and tokens pass: https, or http on loopback; nothing when it
/// is well.
std::optional<std::string> endpoint_problem(std::string_view url);

/// One scope-token. Source: RFC 6749 §3.3.
bool valid_scope(std::string_view scope);

enum class GrantState { ok, needs_consent };

struct OAuthGrant {
  OAuthGrantId id;
  OAuthAppId app;
  GrantState state = GrantState::ok;
  std::string identity;  // who authorised, an address where it is known; empty: unknown
  std::string subject;   // the mailbox a service account acts for
  std::vector<std::string> scopes;
  std::string authorised_by;  // the person or token here
  Instant authorised_at;
  std::optional<Instant> expires_at;    // the access token's end; nothing: the server told none
  std::optional<Instant> last_refresh;  // or the grant's beginning
  std::uint64_t serial = 0;             // of the access token: another one, another number
  std::string trouble;                  // the provider's words when it needs consent
};

boost::json::object to_json(const OAuthGrant& grant);

}  // namespace postern
