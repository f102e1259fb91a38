// See provider_json.hpp.
#include "oauth/provider_json.hpp"

#include "core/integration_words.hpp"
#include "core/json_fields.hpp"
#include "core/syntax.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace postern::oauth {
namespace {

namespace json = boost::json;

constexpr std::size_t id_bytes_max = 60;
constexpr std::size_t url_bytes_max = 2000;
constexpr std::size_t notes_bytes_max = 2000;
constexpr std::size_t hosts_max = 50;
constexpr std::size_t scopes_max = 50;
constexpr std::size_t parameters_max = 20;
constexpr std::int64_t messages_per_minute_max = 100'000;  // as an integration's own
constexpr std::int64_t connections_max_max = 50;

constexpr Choice<OAuthFlow> flow_words[] = {
    {"code", OAuthFlow::code},
    {"device", OAuthFlow::device},
    {"client_credentials", OAuthFlow::client_credentials},
    {"service_account", OAuthFlow::service_account},
};

template <class Value>
struct Named {
  std::string_view name;
  Value value;
};
constexpr std::array<Named<bool LoginKinds::*>, 3> login_words = {{
    {"password", &LoginKinds::password},
    {"app_password", &LoginKinds::app_password},
    {"oauth2", &LoginKinds::oauth2},
}};
constexpr std::array<Named<bool Quirks::*>, 8> quirk_words = {{
    {"tenant_required", &Quirks::tenant_required},
    {"one_resource_a_token", &Quirks::one_resource_a_token},
    {"refresh_token_rotates", &Quirks::refresh_token_rotates},
    {"keeps_sent_copies", &Quirks::keeps_sent_copies},
    {"closes_at_expiry", &Quirks::closes_at_expiry},
    {"login_is_local_part", &Quirks::login_is_local_part},
    {"identity_may_differ", &Quirks::identity_may_differ},
    {"client_secret_by_basic", &Quirks::client_secret_by_basic},
}};
constexpr std::array<Named<std::string Endpoints::*>, 6> endpoint_words = {{
    {"issuer", &Endpoints::issuer},
    {"authorization_endpoint", &Endpoints::authorization},
    {"token_endpoint", &Endpoints::token},
    {"device_authorization_endpoint", &Endpoints::device_authorization},
    {"revocation_endpoint", &Endpoints::revocation},
    {"userinfo_endpoint", &Endpoints::userinfo},
}};
constexpr std::array<Named<std::vector<std::string> UseScopes::*>, 5> scope_words = {{
    {"always", &UseScopes::always},
    {"imap", &UseScopes::imap},
    {"pop3", &UseScopes::pop},
    {"smtp", &UseScopes::smtp},
    {"application", &UseScopes::application},
}};
constexpr std::array<Named<MailHost Provider::*>, 3> server_words = {{
    {"imap", &Provider::imap},
    {"pop3", &Provider::pop},
    {"smtp", &Provider::smtp},
}};

json::value or_null(std::optional<int> number) {
  if (!number) return nullptr;
  return json::value(*number);
}

json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

json::array texts(const std::vector<std::string>& list) {
  json::array result;
  for (const auto& each : list) result.emplace_back(each);
  return result;
}

json::value server_json(const MailHost& server) {
  if (server.host.empty()) return nullptr;
  json::object result;
  result["host"] = server.host;
  result["port"] = server.port;
  for (const auto& each : words::security) {
    if (each.value == server.security && !each.alias) result["security"] = each.word;
  }
  return result;
}

json::value oauth_json(const Provider& provider) {
  if (provider.flows.empty()) return nullptr;
  json::object result;
  json::array flows;
  for (const auto flow : provider.flows) flows.emplace_back(to_string(flow));
  result["flows"] = std::move(flows);
  for (const auto& [name, member] : endpoint_words) {
    result[name] = or_null(provider.endpoints.*member);
  }
  json::object scopes;
  for (const auto& [name, member] : scope_words) scopes[name] = texts(provider.scopes.*member);
  result["scopes"] = std::move(scopes);
  result["tenant_default"] = or_null(provider.tenant_default);
  json::object parameters;
  for (const auto& [name, value] : provider.authorization_parameters) parameters[name] = value;
  result["parameters"] = std::move(parameters);
  return result;
}

/// Words in braces as any word there would be: the form is looked at, not the place.
std::string filled(std::string_view text) {
  std::string result;
  for (;;) {
    const auto open = text.find('{');
    const auto close = text.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      return result.append(text);
    }
    result.append(text.substr(0, open)).append("x");
    text.remove_prefix(close + 1);
  }
}

void read_server(JsonFields& outer, std::string_view name, MailHost& server) {
  const auto* object = outer.object(name);
  if (object == nullptr) return;
  JsonFields fields(*object, outer.pointer(name), outer.problems());
  fields.text("host", server.host, {.bytes_max = 253, .required = true});
  if (!server.host.empty() && !valid_host(filled(server.host))) {
    fields.problem("host", "must be a host name or an IP address, without port");
  }
  if (!fields.has("port")) fields.problem("port", "is required");
  fields.integer("port", server.port, 1, 65535);
  fields.choice("security", server.security, words::security);
  if (server.security == Security::none && !is_loopback_host(server.host)) {
    fields.problem("security", "must be tls or starttls; none is for loopback only");
  }
  fields.finish();
}

void read_url(JsonFields& fields, std::string_view name, std::string& url) {
  std::optional<std::string> text;
  if (!fields.text(name, text, {.bytes_max = url_bytes_max}) || !text || text->empty()) return;
  if (auto wrong = endpoint_problem(filled(*text))) {
    fields.problem(name, std::move(*wrong));
    return;
  }
  url = std::move(*text);
}

void read_scopes(JsonFields& outer, UseScopes& scopes) {
  const auto* object = outer.object("scopes");
  if (object == nullptr) return;
  JsonFields fields(*object, outer.pointer("scopes"), outer.problems());
  for (const auto& [name, member] : scope_words) {
    fields.texts(name, scopes.*member, {.bytes_max = 500}, scopes_max);
    for (const auto& scope : scopes.*member) {
      if (!valid_scope(scope)) fields.problem(name, "\"" + scope + "\" is not a scope");
    }
  }
  fields.finish();
}

void read_parameters(JsonFields& outer, Provider& provider) {
  const auto* object = outer.object("parameters");
  if (object == nullptr) return;
  if (object->size() > parameters_max) outer.problem("parameters", "are too many");
  for (const auto& [name, value] : *object) {
    const auto* text = value.if_string();
    if (!valid_token(name) || text == nullptr || text->size() > 500) {
      outer.problem("parameters", "must be names with texts");
      continue;
    }
    provider.authorization_parameters.emplace_back(name, *text);
  }
}

void read_flows(JsonFields& fields, Provider& provider) {
  std::vector<std::string> names;
  fields.texts("flows", names, {.bytes_max = 30}, 4);
  for (const auto& name : names) {
    const auto* const found = std::ranges::find(flow_words, name, &Choice<OAuthFlow>::word);
    if (found == std::end(flow_words)) {
      fields.problem("flows", "\"" + name +
                                  "\" is none of code, device, client_credentials, "
                                  "service_account");
    } else if (std::ranges::find(provider.flows, found->value) == provider.flows.end()) {
      provider.flows.push_back(found->value);
    }
  }
  if (provider.flows.empty()) fields.problem("flows", "name at least one");
}

void check_endpoints(JsonFields& fields, const Provider& provider) {
  const auto& at = provider.endpoints;
  if (!at.issuer.empty() || provider.id == custom_provider().id)
    return;  // by discovery, or by hand
  const auto uses = [&](OAuthFlow flow) {
    return std::ranges::find(provider.flows, flow) != provider.flows.end();
  };
  constexpr const char* needed = "is needed, or issuer with a discovery document";
  if (at.token.empty()) fields.problem("token_endpoint", needed);
  if (uses(OAuthFlow::code) && at.authorization.empty()) {
    fields.problem("authorization_endpoint", needed);
  }
  if (uses(OAuthFlow::device) && at.device_authorization.empty()) {
    fields.problem("device_authorization_endpoint", needed);
  }
}

void read_oauth(JsonFields& outer, Provider& provider) {
  const auto* object = outer.object("oauth");
  if (object == nullptr) return;
  JsonFields fields(*object, outer.pointer("oauth"), outer.problems());
  read_flows(fields, provider);
  for (const auto& [name, member] : endpoint_words) {
    read_url(fields, name, provider.endpoints.*member);
  }
  read_scopes(fields, provider.scopes);
  std::optional<std::string> tenant;
  fields.text("tenant_default", tenant, {.bytes_max = 253});
  provider.tenant_default = tenant.value_or("");
  read_parameters(fields, provider);
  check_endpoints(fields, provider);
  fields.finish();
}

void read_logins(JsonFields& fields, Provider& provider) {
  std::vector<std::string> names;
  fields.texts("logins", names, {.bytes_max = 30}, login_words.size());
  for (const auto& name : names) {
    const auto* const found =
        std::ranges::find(login_words, name, &Named<bool LoginKinds::*>::name);
    if (found == login_words.end()) {
      fields.problem("logins", "\"" + name + "\" is none of password, app_password, oauth2");
    } else {
      provider.logins.*(found->value) = true;
    }
  }
  if (names.empty())
    fields.problem("logins", "name at least one of password, app_password, oauth2");
}

void read_sending(JsonFields& outer, SendingLimits& sending) {
  const auto* object = outer.object("sending");
  if (object == nullptr) return;
  JsonFields fields(*object, outer.pointer("sending"), outer.problems());
  fields.integer("messages_per_minute", sending.messages_per_minute, 1, messages_per_minute_max);
  fields.integer("connections_max", sending.connections_max, 1, connections_max_max);
  fields.finish();
}

void read_quirks(JsonFields& outer, Quirks& quirks) {
  const auto* object = outer.object("quirks");
  if (object == nullptr) return;
  JsonFields fields(*object, outer.pointer("quirks"), outer.problems());
  for (const auto& [name, member] : quirk_words) fields.boolean(name, quirks.*member);
  fields.finish();
}

void read_hosts(JsonFields& fields, std::string_view name, std::vector<std::string>& hosts) {
  fields.texts(name, hosts, {.bytes_max = 253}, hosts_max);
  for (const auto& host : hosts) {
    if (!valid_host(host)) fields.problem(name, "\"" + host + "\" is not a host name");
  }
}

void read_id(JsonFields& fields, std::string& id) {
  fields.text("id", id, {.bytes_max = id_bytes_max, .required = true});
  const bool fits = std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!fits) fields.problem("id", "must be of small letters, digits, '-' and '.'");
}

void check_together(JsonFields& fields, const Provider& provider) {
  const bool custom = provider.id == custom_provider().id;
  const bool any =
      !provider.imap.host.empty() || !provider.pop.host.empty() || !provider.smtp.host.empty();
  if (!any && !custom) fields.problem("smtp", "give at least one of imap, pop3 and smtp");
  if (provider.logins.oauth2 && provider.flows.empty()) {
    fields.problem("oauth", "is needed for the login oauth2");
  }
}

}  // namespace

json::object to_json(const Provider& provider) {
  json::object result;
  result["id"] = provider.id;
  result["name"] = provider.name;
  for (const auto& [name, member] : server_words) result[name] = server_json(provider.*member);
  json::array logins;
  for (const auto& [name, member] : login_words) {
    if (provider.logins.*member) logins.emplace_back(name);
  }
  result["logins"] = std::move(logins);
  result["oauth"] = oauth_json(provider);
  json::object sending;
  sending["messages_per_minute"] = or_null(provider.sending.messages_per_minute);
  sending["connections_max"] = or_null(provider.sending.connections_max);
  result["sending"] = std::move(sending);
  json::object quirks;
  for (const auto& [name, member] : quirk_words) quirks[name] = provider.quirks.*member;
  result["quirks"] = std::move(quirks);
  result["domains"] = texts(provider.domains);
  result["other_hosts"] = texts(provider.other_hosts);
  result["notes"] = provider.notes;
  result["link"] = or_null(provider.link);
  return result;
}

std::variant<Provider, FieldProblems> parse_provider(const json::value& value) {
  FieldProblems problems;
  const auto* root = root_object(value, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  Provider provider;
  read_id(fields, provider.id);
  fields.text("name", provider.name, {.bytes_max = 200, .required = true});
  for (const auto& [name, member] : server_words) read_server(fields, name, provider.*member);
  read_logins(fields, provider);
  read_oauth(fields, provider);
  read_sending(fields, provider.sending);
  read_quirks(fields, provider.quirks);
  read_hosts(fields, "domains", provider.domains);
  read_hosts(fields, "other_hosts", provider.other_hosts);
  fields.text("notes", provider.notes, {.bytes_max = notes_bytes_max, .lines = true});
  read_url(fields, "link", provider.link);
  check_together(fields, provider);
  fields.ignore({"built_in", "hidden", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return provider;
}

}  // namespace postern::oauth
