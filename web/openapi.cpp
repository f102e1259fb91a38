// The table's rows, written as OpenAPI's path items. Nothing is described here that the table does
// not say, and nothing in the table is left out.
#include "web/openapi.hpp"

#include "web/router.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

json::object reference(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

std::string lower(std::string_view verb) {
  std::string word(verb);
  for (char& c : word) c = static_cast<char>(c | 0x20);
  return word;
}

/// "GET /api/v1/integrations/{integration}/x" → "get_integrations_integration_x".
std::string operation_id(const Route& route) {
  std::string id = lower(route.verb);
  auto pattern = route.pattern;
  if (pattern.starts_with("/api/v1")) pattern.remove_prefix(7);
  for (const char c : pattern) {
    if (c == '{' || c == '}' || c == '*') continue;
    id += c == '/' || c == '-' || c == '.' ? '_' : c;
  }
  return id;
}

json::object query_schema(std::string_view name) {
  if (name == "limit") {
    return {{"type", "integer"}, {"minimum", 1}, {"maximum", 500}, {"default", 50}};
  }
  if (name == "directions") {
    return {{"type", "string"}, {"enum", json::array{"incoming", "outgoing", "both"}}};
  }
  if (name == "header_recipients") return {{"type", "boolean"}, {"default", false}};
  if (name == "timeout_ms") return {{"type", "integer"}};
  if (name == "mode") return {{"type", "string"}, {"enum", json::array{"queue", "sync"}}};
  return {{"type", "string"}};
}

json::array parameters(const Route& route) {
  json::array result;
  auto rest = route.pattern;
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const auto close = rest.find('}');
    auto name = rest.substr(open + 1, close - open - 1);
    if (name.ends_with('*')) name.remove_suffix(1);
    json::object parameter{{"name", name}, {"in", "path"}};
    parameter["required"] = true;
    parameter["schema"] = json::object{{"type", "string"}};
    result.push_back(std::move(parameter));
    rest.remove_prefix(close + 1);
  }
  for (const auto name : split_words(route.doc.query)) {
    json::object parameter{{"name", name}, {"in", "query"}, {"required", false}};
    parameter["schema"] = query_schema(name);
    result.push_back(std::move(parameter));
  }
  return result;
}

json::object content(std::string_view media, std::string_view schema) {
  json::object body;
  if (!schema.empty()) body["schema"] = reference(schema);
  json::object result;
  result[media] = std::move(body);
  return result;
}

json::object request_body(const Route& route) {
  const auto media = route.body == BodyKind::merge_patch
                         ? std::string_view("application/merge-patch+json")
                         : std::string_view("application/json");
  auto media_types = content(media, route.doc.body_schema);
  if (route.body == BodyKind::merge_patch) {
    media_types["application/json"] = media_types[media];
  }
  if (route.body == BodyKind::json_or_form || route.body == BodyKind::json_or_mail) {
    const auto form = content("multipart/form-data", "SendForm");
    media_types["multipart/form-data"] = form.at("multipart/form-data");
  }
  if (route.body == BodyKind::json_or_mail) {
    json::object mail;
    mail["schema"] = json::object{{"type", "string"}, {"description", "A mail; ?to= names who"}};
    media_types["message/rfc822"] = std::move(mail);
  }
  json::object body;
  body["required"] = route.body != BodyKind::optional_json;
  body["content"] = std::move(media_types);
  return body;
}

json::object responses(const Route& route) {
  json::object result;
  for (const auto& answer : route.doc.answers) {
    auto& response = result[std::to_string(answer.status)];
    if (!response.is_object()) {
      response.emplace_object()["description"] = reason_phrase(answer.status);
    }
    if (answer.media.empty()) continue;
    auto& media = response.get_object()["content"];
    if (!media.is_object()) media.emplace_object();
    for (auto& [name, body] : content(answer.media, answer.schema)) media.get_object()[name] = body;
  }
  json::object problem{{"description", "A problem (RFC 9457)"}};
  problem["content"] = content("application/problem+json", "Problem");
  result["default"] = std::move(problem);
  return result;
}

json::array security(const Route& route) {
  json::array result;
  if (route.scopes == scope_none) return result;
  result.push_back(json::object{{"token", json::array()}});
  result.push_back(json::object{{"session", json::array()}});
  return result;
}

json::object operation(const Route& route) {
  json::object result;
  result["operationId"] = operation_id(route);
  result["summary"] = route.doc.summary;
  if (route.scopes != scope_none) {
    result["description"] = "Needs the scope " + scope_words(route.scopes | scope_admin) + ".";
  }
  if (auto list = parameters(route); !list.empty()) result["parameters"] = std::move(list);
  if (route.body != BodyKind::none) result["requestBody"] = request_body(route);
  result["responses"] = responses(route);
  result["security"] = security(route);
  return result;
}

json::object security_schemes() {
  json::object token{{"type", "http"}, {"scheme", "bearer"}};
  token["description"] = "An API token: pst_…";
  json::object session{{"type", "apiKey"}, {"in", "cookie"}, {"name", session_cookie_name}};
  session["description"] = "The cookie of POST /session; a write also needs X-CSRF-Token.";
  json::object schemes;
  schemes["token"] = std::move(token);
  schemes["session"] = std::move(session);
  return schemes;
}

}  // namespace

json::object openapi_document() {
  json::object document;
  document["openapi"] = "3.1.0";
  json::object about{{"title", "Postern"}, {"version", "1"}};
  about["description"] = "A self-hosted mail gateway: many mailboxes in, webhooks and SMTP out.";
  about["license"] = json::object{{"name", "GPL-3.0-or-later"}};
  document["info"] = std::move(about);
  json::object paths;
  for (const auto& route : all_routes()) {
    std::string pattern(route.pattern);
    std::erase(pattern, '*');
    auto& path = paths[pattern];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[lower(route.verb)] = operation(route);
  }
  document["paths"] = std::move(paths);
  json::object components;
  components["schemas"] = schemas();
  components["securitySchemes"] = security_schemes();
  document["components"] = std::move(components);
  return document;
}

const std::string& openapi_text() {
  static const std::string text = json::serialize(openapi_document());
  return text;
}

}  // namespace postern::web
