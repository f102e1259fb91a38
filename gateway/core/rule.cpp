#include "core/rule.hpp"

#include "core/json_fields.hpp"
#include "core/rule_condition.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

namespace postern {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  out.reserve(list.size());
  for (const auto& each : list) out.emplace_back(each);
  return out;
}

/// true where no reason was given.
json::value flag_or_reason(const std::optional<std::string>& reason, const json::value& absent) {
  if (!reason) return absent;
  return reason->empty() ? json::value(true) : json::value(*reason);
}

json::object actions_json(const RuleActions& actions) {
  json::object out;
  out["targets"] = texts(actions.targets);
  out["attributes"] = actions.attributes;
  out["tags"] = texts(actions.tags);
  out["priority"] = actions.priority;
  out["ignore"] = actions.ignore ? json::value(*actions.ignore) : json::value(nullptr);
  out["hold"] = flag_or_reason(actions.hold, false);
  out["quarantine"] = flag_or_reason(actions.quarantine, false);
  return out;
}

void read_scope(JsonFields& fields, Rule& rule) {
  const auto* value = fields.any("scope");
  if (value == nullptr || value->is_null()) return;
  if (const auto* word = value->if_string()) {
    if (*word != "all") fields.problem("scope", "must be \"all\" or a list of integrations");
    return;
  }
  std::vector<std::string> ids;
  if (!fields.texts("scope", ids, {.required = true}, rule_scope_max)) return;
  if (ids.empty()) {
    return fields.problem("scope",
                          "names no integration; \"all\" is every one, or disable the rule");
  }
  rule.scope = std::move(ids);
}

void read_attributes(JsonFields& fields, json::object& out) {
  const auto* given = fields.object("attributes");
  if (given == nullptr) return;
  if (given->size() > rule_attributes_max) {
    return fields.problem("attributes", fmt::format("has more than {}", rule_attributes_max));
  }
  for (const auto& [key, value] : *given) {
    const auto pointer = fields.pointer("attributes") + pointer_segment(key);
    const auto* text = value.if_string();
    const bool scalar = text != nullptr || value.is_number() || value.is_bool();
    if (!scalar) {
      fields.problems().push_back({pointer, "must be a text, a number, true or false"});
    } else if (key.size() > rule_name_bytes_max ||
               (text != nullptr && text->size() > rule_attribute_bytes_max)) {
      fields.problems().push_back(
          {pointer, fmt::format("is longer than {} bytes", rule_attribute_bytes_max)});
    } else {
      out[key] = value;
    }
  }
}

/// true, false, null, or a text that is the reason.
void read_flag(JsonFields& fields, std::string_view name, std::optional<std::string>& out) {
  const auto* value = fields.any(name);
  if (value == nullptr || value->is_null()) return;
  if (value->is_bool()) {
    if (value->get_bool()) out = "";
    return;
  }
  std::string reason;
  if (!value->is_string()) return fields.problem(name, "must be true, false or a reason");
  if (fields.text(name, reason, {.bytes_max = rule_attribute_bytes_max})) out = std::move(reason);
}

void read_actions(const json::object& object, RuleActions& actions, FieldProblems& problems) {
  JsonFields fields(object, "/actions", problems);
  fields.texts("targets", actions.targets, {.required = true}, rule_targets_max);
  read_attributes(fields, actions.attributes);
  fields.texts("tags", actions.tags, {.bytes_max = rule_tag_bytes_max, .required = true},
               rule_tags_max);
  if (const auto* priority = fields.any("priority"); priority != nullptr && !priority->is_null()) {
    const auto* word = priority->if_string();
    const bool good = priority->is_int64() || priority->is_uint64() ||
                      (word != nullptr && !word->empty() && word->size() <= rule_tag_bytes_max);
    if (!good) fields.problem("priority", "must be a word or a whole number");
    if (good) actions.priority = *priority;
  }
  fields.text("ignore", actions.ignore, {.bytes_max = rule_attribute_bytes_max});
  if (actions.ignore && actions.ignore->empty()) {
    fields.problem("ignore", "must say the reason; null ignores nothing");
  }
  read_flag(fields, "hold", actions.hold);
  read_flag(fields, "quarantine", actions.quarantine);
  fields.finish();
}

}  // namespace

json::object to_json(const Rule& rule) {
  json::object out;
  if (rule.id) out["id"] = rule.id.str();
  out["name"] = rule.name;
  out["enabled"] = rule.enabled;
  out["position"] = rule.position ? json::value(*rule.position) : json::value(nullptr);
  out["scope"] = rule.scope ? json::value(texts(*rule.scope)) : json::value("all");
  out["condition"] = rule.condition;
  out["actions"] = actions_json(rule.actions);
  out["stop"] = rule.stop;
  return out;
}

std::variant<Rule, FieldProblems> parse_rule(const json::value& value) {
  FieldProblems problems;
  const auto* root = root_object(value, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  Rule rule;
  fields.text("name", rule.name, {.bytes_max = rule_name_bytes_max, .required = true});
  fields.boolean("enabled", rule.enabled);
  fields.integer("position", rule.position, 0, 1'000'000'000);
  read_scope(fields, rule);
  if (const auto* condition = fields.any("condition")) {
    if (RuleCondition::parse(*condition, "/condition", problems)) rule.condition = *condition;
  }
  if (const auto* actions = fields.object("actions")) {
    read_actions(*actions, rule.actions, problems);
  }
  fields.boolean("stop", rule.stop);
  if (RuleId::parse(rule.name)) fields.problem("name", "must not look like an id");
  fields.ignore({"id", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return rule;
}

}  // namespace postern
