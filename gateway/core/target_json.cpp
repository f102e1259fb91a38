// A target as the API shows and takes it.
#include "core/base64.hpp"
#include "core/json_fields.hpp"
#include "core/syntax.hpp"
#include "core/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::size_t headers_max = 50;
constexpr std::size_t header_bytes_max = 4096;
constexpr std::size_t ca_pem_bytes_max = 256 * 1024;
constexpr std::int64_t timeout_s_max = 30;  // promise 7: a webhook has 30 s
constexpr std::int64_t parallel_max = 64;
constexpr std::size_t secret_bytes_min = 24;  // Standard Webhooks 1.0
constexpr std::size_t secret_bytes_max = 64;
constexpr std::string_view secret_prefix = "whsec_";

constexpr std::array<std::string_view, 8> later_types = {
    "raw", "osticket", "rt", "redmine", "zammad", "rails_relay", "smtp", "imap_append"};

/// Headers that are the protocol's or ours, in lower case.
constexpr std::array<std::string_view, 10> own_headers = {
    "host",       "content-length", "content-type", "transfer-encoding", "connection",
    "webhook-id", "user-agent",     "upgrade",      "webhook-timestamp", "webhook-signature"};

void read_type(JsonFields& fields, Target& target) {
  std::string type = target.type;
  if (!fields.text("type", type)) return;
  if (type == "webhook" || type == "pull") {
    target.type = type;
    return;
  }
  if (std::ranges::find(later_types, type) != later_types.end()) {
    fields.problem(
        "type", fmt::format("not in this version yet: \"{}\"; use \"webhook\" or \"pull\"", type));
  } else {
    fields.problem("type", "must be \"webhook\" or \"pull\"");
  }
}

void read_url(JsonFields& fields, Target& target) {
  const bool pull = target.type == "pull";
  if (!fields.text("url", target.url, {.bytes_max = 2000, .required = !pull})) return;
  if (target.url.empty()) return;
  if (pull) {
    fields.problem("url", "must be left out: nobody is called, consumers fetch the mail");
  } else if (auto wrong = http_url_problem(target.url)) {
    fields.problem("url", std::move(*wrong));
  }
}

std::optional<std::string> header_problem(std::string_view name, const boost::json::value& value) {
  if (!valid_token(name)) return "is not the name of an HTTP header";
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (std::ranges::find(own_headers, lower) != own_headers.end()) return "is set by Postern itself";
  if (!value.is_string()) return "must be a string";
  return check_text(value.get_string(), {.bytes_max = header_bytes_max});
}

void read_headers(JsonFields& fields, Target& target) {
  const auto* headers = fields.object("headers");
  if (headers == nullptr) return;
  if (headers->size() > headers_max) {
    fields.problem("headers", fmt::format("has too many items: at most {}", headers_max));
    return;
  }
  const auto where = fields.pointer("headers");
  for (const auto& [name, value] : *headers) {
    if (auto wrong = header_problem(name, value)) {
      fields.problems().push_back({where + pointer_segment(name), std::move(*wrong)});
    } else {
      target.headers.emplace_back(name, std::string_view(value.get_string()));
    }
  }
}

void read_secret(JsonFields& fields, std::optional<Secret>& secret) {
  std::optional<std::string> text;
  fields.text("secret", text, {.bytes_max = 200});
  if (!text) return;
  std::optional<std::string> key;
  if (text->starts_with(secret_prefix)) key = from_base64(text->substr(secret_prefix.size()));
  if (!key || key->size() < secret_bytes_min || key->size() > secret_bytes_max) {
    fields.problem("secret", "must be \"whsec_\" and the base64 of 24 to 64 bytes");
    return;
  }
  secret = Secret(std::move(*text));
}

}  // namespace

boost::json::object to_json(const Target& target) {
  boost::json::object json;
  if (target.id) json["id"] = target.id.str();
  json["name"] = target.name;
  json["type"] = target.type;
  json["enabled"] = target.enabled;
  json["url"] = target.url;
  boost::json::object headers;
  for (const auto& [name, value] : target.headers) headers[name] = value;
  json["headers"] = std::move(headers);
  json["timeout_s"] = target.timeout.count();
  json["parallel"] = target.parallel;
  json["required"] = target.required;
  json["raw"] = target.raw;
  json["fallback"] = target.fallback;
  json["ca_pem"] = nullptr;
  if (target.ca_pem) json["ca_pem"] = *target.ca_pem;
  return json;
}

std::variant<TargetDraft, FieldProblems> parse_target(const boost::json::value& json) {
  FieldProblems problems;
  const auto* root = root_object(json, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  TargetDraft draft;
  auto& target = draft.value;
  fields.text("name", target.name, {.bytes_max = 200, .required = true});
  if (TargetId::parse(target.name)) fields.problem("name", "must not look like an id");
  read_type(fields, target);
  fields.boolean("enabled", target.enabled);
  read_url(fields, target);
  read_headers(fields, target);
  std::int64_t timeout = target.timeout.count();
  fields.integer("timeout_s", timeout, 1, timeout_s_max);
  target.timeout = std::chrono::seconds(timeout);
  fields.integer("parallel", target.parallel, 1, parallel_max);
  fields.boolean("required", target.required);
  fields.boolean("raw", target.raw);
  fields.boolean("fallback", target.fallback);
  fields.text("ca_pem", target.ca_pem, {.bytes_max = ca_pem_bytes_max, .lines = true});
  if (target.ca_pem && target.ca_pem->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    fields.problem("ca_pem", "must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  read_secret(fields, draft.secret);
  fields.ignore({"id", "status", "secret_set", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return draft;
}

}  // namespace postern
