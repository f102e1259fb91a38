// A target as the API shows and takes it. What belongs to single types is target_settings.cpp.
#include "core/base64.hpp"
#include "core/json_fields.hpp"
#include "core/target.hpp"
#include "core/target_settings.hpp"
#include "core/target_types.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern {
namespace {

constexpr std::int64_t parallel_max = 64;
constexpr std::size_t secret_bytes_min = 24;  // Standard Webhooks 1.0
constexpr std::size_t secret_bytes_max = 64;
constexpr std::string_view secret_prefix = "whsec_";

std::string known_types() {
  std::string words;
  for (const auto& type : target_types()) {
    if (!words.empty()) words += ", ";
    words += fmt::format("\"{}\"", type.word);
  }
  return words;
}

/// The row of the type that is asked for; the webhook's when there is no such one.
const TargetType& read_type(JsonFields& fields, Target& target) {
  std::string word = target.type;
  fields.text("type", word);
  const auto* type = find_target_type(word);
  if (type == nullptr) {
    fields.problem("type", "must be one of " + known_types());
    return *find_target_type(target.type);
  }
  target.type = word;
  return *type;
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
  json["timeout_s"] = target.timeout.count();
  json["parallel"] = target.parallel;
  json["required"] = target.required;
  json["fallback"] = target.fallback;
  write_target_settings(json, target);
  return json;
}

std::variant<TargetDraft, FieldProblems> parse_target(const boost::json::value& json) {
  FieldProblems problems;
  const auto* root = root_object(json, problems);
  if (root == nullptr) return problems;
  ServerFields all{JsonFields(*root, "", problems), true};
  auto& fields = all.fields;
  TargetDraft draft;
  auto& target = draft.value;
  fields.text("name", target.name, {.bytes_max = 200, .required = true});
  if (TargetId::parse(target.name)) fields.problem("name", "must not look like an id");
  const auto& type = read_type(fields, target);
  fields.boolean("enabled", target.enabled);
  std::int64_t timeout = type.timeout.count();
  fields.integer("timeout_s", timeout, 1, type.timeout_max.count());
  target.timeout = std::chrono::seconds(timeout);
  fields.integer("parallel", target.parallel, 1, parallel_max);
  fields.boolean("required", target.required);
  fields.boolean("fallback", target.fallback);
  read_target_settings(all, *root, type, draft);
  read_secret(fields, draft.secret);
  fields.ignore(
      {"id", "status", "secret_set", "api_key_set", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return draft;
}

}  // namespace postern
