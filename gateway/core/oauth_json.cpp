// OAuth's apps and grants as the API shows and takes them.
#include "core/json_fields.hpp"
#include "core/oauth.hpp"
#include "core/syntax.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::size_t url_bytes_max = 2000;
constexpr std::size_t secret_bytes_max = 4096;
constexpr std::size_t pem_bytes_max = 64 * 1024;
constexpr std::size_t scopes_max = 50;

constexpr Choice<OAuthFlow> flow_words[] = {
    {"code", OAuthFlow::code},
    {"device", OAuthFlow::device},
    {"client_credentials", OAuthFlow::client_credentials},
    {"service_account", OAuthFlow::service_account},
};

json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

json::value or_null(const std::optional<Instant>& at) {
  if (!at) return nullptr;
  return json::value(to_rfc3339(*at));
}

json::array words(const std::vector<std::string>& list) {
  json::array result;
  for (const auto& each : list) result.emplace_back(each);
  return result;
}

void read_endpoint(JsonFields& fields, std::string_view name, std::string& url) {
  std::optional<std::string> text;
  fields.text(name, text, {.bytes_max = url_bytes_max});
  if (!text || text->empty()) return;
  if (auto wrong = endpoint_problem(*text)) {
    fields.problem(name, std::move(*wrong));
    return;
  }
  url = std::move(*text);
}

void read_optional(JsonFields& fields, std::string_view name, std::string& out,
                   std::size_t bytes_max) {
  std::optional<std::string> text;
  if (fields.text(name, text, {.bytes_max = bytes_max})) out = text.value_or("");
}

void read_tenant(JsonFields& fields, OAuthApp& app) {
  read_optional(fields, "tenant", app.tenant, 253);
  const bool fits = std::all_of(app.tenant.begin(), app.tenant.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  if (!fits) fields.problem("tenant", "must be a tenant's id or domain");
}

void read_scopes(JsonFields& fields, OAuthApp& app) {
  fields.texts("scopes", app.scopes, {.bytes_max = 500}, scopes_max);
  for (const auto& scope : app.scopes) {
    if (!valid_scope(scope)) fields.problem("scopes", fmt::format("\"{}\" is not a scope", scope));
  }
}

/// null clears, a text replaces, absence keeps.
void read_secret(JsonFields& fields, std::string_view name, std::optional<Secret>& out,
                 TextRules rules) {
  if (!fields.has(name)) return;
  std::optional<std::string> text;
  if (fields.text(name, text, rules)) out = Secret(text.value_or(""));
}

void read_key(JsonFields& fields, OAuthAppDraft& draft) {
  std::optional<std::string> certificate;
  fields.text("certificate_pem", certificate, {.bytes_max = pem_bytes_max, .lines = true});
  draft.value.certificate_pem = certificate.value_or("");
  const bool pem =
      draft.value.certificate_pem.find("-----BEGIN CERTIFICATE-----") != std::string::npos;
  if (!draft.value.certificate_pem.empty() && !pem) {
    fields.problem("certificate_pem",
                   "must hold a certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  read_secret(fields, "private_key_pem", draft.private_key_pem,
              {.bytes_max = pem_bytes_max, .lines = true});
  read_optional(fields, "key_id", draft.value.key_id, 200);
}

void read_end(JsonFields& fields, OAuthApp& app) {
  std::optional<std::string> text;
  fields.text("secret_expires_at", text, {.bytes_max = 40});
  if (!text || text->empty()) return;
  app.secret_expires_at = parse_rfc3339(*text);
  if (!app.secret_expires_at && valid_date(*text)) {
    app.secret_expires_at = parse_rfc3339(*text + "T00:00:00Z");
  }
  if (!app.secret_expires_at) {
    fields.problem("secret_expires_at", "must be a date or an RFC 3339 time");
  }
}

void check_together(JsonFields& fields, const OAuthApp& app) {
  if (app.provider != "custom") return;
  const bool found = !app.issuer.empty();
  if (app.token_endpoint.empty() && !found) {
    fields.problem("token_endpoint", "is needed, or issuer with a discovery document");
  }
  if (app.flow == OAuthFlow::code && app.authorization_endpoint.empty() && !found) {
    fields.problem("authorization_endpoint", "is needed, or issuer with a discovery document");
  }
  if (app.flow == OAuthFlow::device && app.device_authorization_endpoint.empty() && !found) {
    fields.problem("device_authorization_endpoint",
                   "is needed, or issuer with a discovery document");
  }
}

}  // namespace

std::optional<std::string> endpoint_problem(std::string_view url) {
  if (auto wrong = http_url_problem(url)) return wrong;
  if (url.starts_with("https://") || url.starts_with("HTTPS://")) return std::nullopt;
  auto host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (is_loopback_host(host)) return std::nullopt;
  return "must begin with https://; http:// is for loopback only";
}

bool valid_scope(std::string_view scope) {
  return !scope.empty() && std::ranges::all_of(scope, [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
  });
}

std::string_view to_string(OAuthFlow flow) {
  for (const auto& each : flow_words) {
    if (each.value == flow) return each.word;
  }
  return "";
}

json::object to_json(const OAuthApp& app) {
  json::object result;
  if (app.id) result["id"] = app.id.str();
  result["name"] = app.name;
  result["provider"] = app.provider;
  result["flow"] = to_string(app.flow);
  result["client_id"] = app.client_id;
  result["tenant"] = or_null(app.tenant);
  result["scopes"] = words(app.scopes);
  result["secret_expires_at"] = or_null(app.secret_expires_at);
  result["certificate_pem"] = or_null(app.certificate_pem);
  result["key_id"] = or_null(app.key_id);
  result["issuer"] = or_null(app.issuer);
  result["authorization_endpoint"] = or_null(app.authorization_endpoint);
  result["token_endpoint"] = or_null(app.token_endpoint);
  result["device_authorization_endpoint"] = or_null(app.device_authorization_endpoint);
  result["revocation_endpoint"] = or_null(app.revocation_endpoint);
  result["userinfo_endpoint"] = or_null(app.userinfo_endpoint);
  result["ca_pem"] = or_null(app.ca_pem.value_or(""));
  return result;
}

std::variant<OAuthAppDraft, FieldProblems> parse_oauth_app(const json::value& value) {
  FieldProblems problems;
  const auto* root = root_object(value, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  OAuthAppDraft draft;
  auto& app = draft.value;
  fields.text("name", app.name, {.bytes_max = 200, .required = true});
  if (OAuthAppId::parse(app.name)) fields.problem("name", "must not look like an id");
  fields.text("provider", app.provider, {.bytes_max = 100});
  if (app.provider.empty()) app.provider = "custom";
  fields.choice("flow", app.flow, flow_words);
  fields.text("client_id", app.client_id, {.bytes_max = 500, .required = true});
  read_tenant(fields, app);
  read_scopes(fields, app);
  read_end(fields, app);
  read_secret(fields, "client_secret", draft.client_secret, {.bytes_max = secret_bytes_max});
  read_key(fields, draft);
  read_endpoint(fields, "issuer", app.issuer);
  read_endpoint(fields, "authorization_endpoint", app.authorization_endpoint);
  read_endpoint(fields, "token_endpoint", app.token_endpoint);
  read_endpoint(fields, "device_authorization_endpoint", app.device_authorization_endpoint);
  read_endpoint(fields, "revocation_endpoint", app.revocation_endpoint);
  read_endpoint(fields, "userinfo_endpoint", app.userinfo_endpoint);
  fields.text("ca_pem", app.ca_pem, {.bytes_max = 4 * pem_bytes_max, .lines = true});
  check_together(fields, app);
  fields.ignore({"id", "redirect_uri", "client_secret_set", "private_key_set", "fault",
                 "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return draft;
}

json::object to_json(const OAuthGrant& grant) {
  json::object result;
  result["id"] = grant.id.str();
  result["app"] = grant.app.str();
  result["state"] = grant.state == GrantState::ok ? "ok" : "needs_consent";
  result["identity"] = or_null(grant.identity);
  result["subject"] = or_null(grant.subject);
  result["scopes"] = words(grant.scopes);
  result["authorised_by"] = grant.authorised_by;
  result["authorised_at"] = to_rfc3339(grant.authorised_at);
  result["expires_at"] = or_null(grant.expires_at);
  result["last_refresh"] = or_null(grant.last_refresh);
  result["trouble"] = or_null(grant.trouble);
  return result;
}

}  // namespace postern
