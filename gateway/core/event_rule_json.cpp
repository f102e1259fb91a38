// An event rule as the API shows and takes it.
#include "core/event_kinds.hpp"
#include "core/event_rule.hpp"

#include <fmt/format.h>

namespace postern {
namespace {

constexpr std::size_t name_bytes_max = 200;
constexpr std::int64_t frequency_s_max = 31536000;
constexpr ActionType rule_actions[] = {ActionType::web_page, ActionType::webhook,
                                       ActionType::log_file, ActionType::provider,
                                       ActionType::email,    ActionType::profile};

constexpr Choice<SslCondition> ssl_words[] = {{"none", SslCondition::none},
                                              {"starttls", SslCondition::starttls},
                                              {"tls", SslCondition::tls},
                                              {"ssl", SslCondition::tls, true}};

/// A string stands for a list of one; an empty list for every kind.
void read_kinds(JsonFields& fields, EventCondition& when) {
  const auto* given = fields.any("kinds");
  if (given == nullptr || given->is_null()) return;
  if (given->is_string()) {
    when.kinds = {std::string(given->get_string())};
  } else if (!fields.texts("kinds", when.kinds, {.bytes_max = 100}, event_rule_kinds_max)) {
    return;
  }
  for (std::size_t i = 0; i < when.kinds.size(); ++i) {
    auto wrong = event_kind_problem(when.kinds[i]);
    if (wrong.empty()) continue;
    const auto where = fields.pointer("kinds") + (given->is_array() ? fmt::format("/{}", i) : "");
    fields.problems().push_back({where, std::move(wrong)});
  }
}

void read_ports(JsonFields& fields, EventCondition& when) {
  const auto* given = fields.any("port");
  if (given == nullptr || given->is_null()) return;
  const auto add = [&](const boost::json::value& value) {
    if (value.is_int64() && value.get_int64() >= 1 && value.get_int64() <= 65535) {
      when.ports.push_back(static_cast<int>(value.get_int64()));
      return true;
    }
    fields.problem("port", "must be a number from 1 to 65535, or a list of them");
    return false;
  };
  if (!given->is_array()) {
    add(*given);
    return;
  }
  if (given->get_array().size() > event_rule_ports_max) {
    fields.problem("port", fmt::format("has too many items: at most {}", event_rule_ports_max));
    return;
  }
  for (const auto& each : given->get_array()) {
    if (!add(each)) return;
  }
}

void read_ssl(JsonFields& fields, EventCondition& when) {
  const auto* given = fields.any("ssl");
  if (given == nullptr || given->is_null()) return;
  if (given->is_bool()) {
    when.ssl = given->get_bool() ? SslCondition::any : SslCondition::none;
    when.ssl_as_boolean = true;
    return;
  }
  if (!given->is_string()) {
    fields.problem("ssl", R"(must be "none", "starttls" or "tls", or true (any) or false (none))");
    return;
  }
  SslCondition ssl{};
  if (fields.choice("ssl", ssl, ssl_words, true)) when.ssl = ssl;
}

void read_integrations(JsonFields& fields, EventCondition& when) {
  const auto* given = fields.any("integrations");
  if (given == nullptr || given->is_null()) return;
  if (given->is_string() && given->get_string() == "all") return;
  std::vector<std::string> list;
  if (given->is_string()) {
    fields.problem("integrations", "must be \"all\" or a list of ids or names");
    return;
  }
  if (fields.texts("integrations", list, {.bytes_max = name_bytes_max},
                   event_rule_integrations_max)) {
    when.integrations = std::move(list);
  }
}

void read_when(JsonFields& fields, EventRule& rule) {
  const auto* object = fields.object("when");
  if (object == nullptr) return;
  JsonFields inside(*object, fields.pointer("when"), fields.problems());
  auto& when = rule.when;
  read_kinds(inside, when);
  read_schedule(inside, when.schedule);
  when.server = TextPattern::read(inside, "server");
  read_ports(inside, when);
  when.login = TextPattern::read(inside, "login");
  read_ssl(inside, when);
  read_integrations(inside, when);
  when.from = TextPattern::read(inside, "from");
  when.recipient = TextPattern::read(inside, "recipient");
  inside.finish();
}

void read_then(JsonFields& fields, EventRuleDraft& draft) {
  const auto* list = fields.array("then");
  if (list == nullptr) return;
  if (list->size() > event_rule_actions_max) {
    fields.problem("then", fmt::format("has too many items: at most {}", event_rule_actions_max));
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto where = fmt::format("{}/{}", fields.pointer("then"), i);
    const auto* object = (*list)[i].if_object();
    if (object == nullptr) {
      fields.problems().push_back({where, "must be an object"});
      continue;
    }
    auto action = read_action(*object, where, rule_actions, {}, fields.problems());
    if (!action) continue;
    draft.value.then.push_back(std::move(action->value));
    draft.secrets.push_back(std::move(action->secret));
  }
}

boost::json::value pattern_json(const std::optional<TextPattern>& pattern) {
  if (!pattern) return nullptr;
  return pattern->json();
}

boost::json::value ssl_json(const EventCondition& when) {
  if (!when.ssl) return nullptr;
  if (when.ssl_as_boolean) return *when.ssl == SslCondition::any;
  for (const auto& each : ssl_words) {
    if (each.value == *when.ssl) return boost::json::string(each.word);
  }
  return nullptr;
}

boost::json::object when_json(const EventCondition& when) {
  boost::json::object json;
  json["kinds"] = nullptr;
  if (!when.kinds.empty()) json["kinds"] = boost::json::array(when.kinds.begin(), when.kinds.end());
  write_schedule(when.schedule, json);
  json["server"] = pattern_json(when.server);
  json["port"] = nullptr;
  if (when.ports.size() == 1) {
    json["port"] = when.ports.front();
  } else if (!when.ports.empty()) {
    json["port"] = boost::json::array(when.ports.begin(), when.ports.end());
  }
  json["login"] = pattern_json(when.login);
  json["ssl"] = ssl_json(when);
  json["integrations"] = "all";
  if (when.integrations) {
    json["integrations"] = boost::json::array(when.integrations->begin(), when.integrations->end());
  }
  json["from"] = pattern_json(when.from);
  json["recipient"] = pattern_json(when.recipient);
  return json;
}

}  // namespace

boost::json::object to_json(const EventRule& rule) {
  boost::json::object json;
  if (rule.id) json["id"] = rule.id.str();
  json["name"] = rule.name;
  json["enabled"] = rule.enabled;
  json["when"] = when_json(rule.when);
  boost::json::array then;
  for (const auto& action : rule.then) then.push_back(to_json(action));
  json["then"] = std::move(then);
  json["max_frequency_s"] = nullptr;
  if (rule.max_frequency) json["max_frequency_s"] = rule.max_frequency->count();
  return json;
}

std::variant<EventRuleDraft, FieldProblems> parse_event_rule(const boost::json::value& json) {
  FieldProblems problems;
  const auto* root = root_object(json, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  EventRuleDraft draft;
  auto& rule = draft.value;
  fields.text("name", rule.name, {.bytes_max = name_bytes_max, .required = true});
  if (EventRuleId::parse(rule.name)) fields.problem("name", "must not look like an id");
  fields.boolean("enabled", rule.enabled);
  read_when(fields, rule);
  read_then(fields, draft);
  std::optional<std::int64_t> frequency;
  fields.integer("max_frequency_s", frequency, 0, frequency_s_max);
  if (frequency) rule.max_frequency = std::chrono::seconds(*frequency);
  fields.ignore(
      {"id", "status", "warnings", "last_fired_at", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return draft;
}

}  // namespace postern
