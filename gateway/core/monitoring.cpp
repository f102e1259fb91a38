// See monitoring.hpp.
#include "core/monitoring.hpp"

#include "core/json_fields.hpp"
#include "core/notice_habits.hpp"
#include "core/syntax.hpp"
#include "core/template.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace postern {
namespace json = boost::json;
namespace {

constexpr std::int64_t year_s = 366L * 24 * 3600;

constexpr std::array<std::string_view, 14> variable_names = {
    "status", "title", "direction", "kind",  "server", "login",     "message",
    "hint",   "next",  "runbook",   "since", "count",  "held_back", "list"};

/// A number, or null for the configured one.
template <class Number>
void read_number(JsonFields& fields, std::string_view name, Number& out, std::int64_t min,
                 std::int64_t max) {
  std::optional<std::int64_t> value;
  if (fields.integer(name, value, min, max) && value) out = static_cast<Number>(*value);
}

void read_seconds(JsonFields& fields, std::string_view name, std::chrono::seconds& out,
                  std::int64_t min) {
  std::int64_t seconds = out.count();
  read_number(fields, name, seconds, min, year_s);
  out = std::chrono::seconds(seconds);
}

void read_monitoring(const json::object& object, MonitoringSettings& settings,
                     FieldProblems& problems) {
  JsonFields fields(object, "/monitoring", problems);
  read_number(fields, "notify_after", settings.notify_after, 1, threshold_max);
  read_number(fields, "disable_after", settings.disable_after, 1, threshold_max);
  read_number(fields, "login_disable_after", settings.login_disable_after, 1, threshold_max);
  read_number(fields, "recover_after", settings.recover_after, 1, threshold_max);
  read_number(fields, "stale_after", settings.stale_after, 1, threshold_max);
  read_seconds(fields, "remind_after_s", settings.remind_after, 1);
  read_seconds(fields, "max_frequency_s", settings.max_frequency, 0);
  const auto* recipients = object.if_contains("recipients");
  if (recipients != nullptr && recipients->is_null()) {
    fields.ignore({"recipients"});
  } else {
    fields.texts("recipients", settings.recipients, {.bytes_max = 320}, notice_recipients_max);
    for (const auto& address : settings.recipients) {
      if (!valid_addr_spec(address)) {
        fields.problem("recipients", "\"" + address + "\" is no mail address");
      }
    }
  }
  const auto* profiles = object.if_contains("profiles");
  if (profiles != nullptr && profiles->is_null()) {
    fields.ignore({"profiles"});
  } else {
    fields.texts("profiles", settings.profiles, {.bytes_max = 200}, notice_profiles_max);
  }
  fields.finish();
}

void read_template(JsonFields& fields, std::string_view name, std::string& out, TextRules rules) {
  std::optional<std::string> text;
  if (!fields.text(name, text, rules) || !text) return;
  const std::vector<std::string_view> names(variable_names.begin(), variable_names.end());
  for (auto& mistake : template_mistakes(*text, names)) fields.problem(name, std::move(mistake));
  out = *text;
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace

std::span<const std::string_view> notice_variable_names() {
  return variable_names;
}

AlertPolicy alert_policy(const MonitoringSettings& settings) {
  AlertPolicy policy;
  policy.remind_after = settings.remind_after;
  policy.max_frequency = settings.max_frequency;
  return policy;
}

json::object to_json(const MonitoringSettings& settings) {
  json::object monitoring;
  monitoring["notify_after"] = settings.notify_after;
  monitoring["disable_after"] = settings.disable_after;
  monitoring["login_disable_after"] = settings.login_disable_after;
  monitoring["recover_after"] = settings.recover_after;
  monitoring["stale_after"] = settings.stale_after;
  monitoring["remind_after_s"] = settings.remind_after.count();
  monitoring["max_frequency_s"] = settings.max_frequency.count();
  monitoring["recipients"] = json::array(settings.recipients.begin(), settings.recipients.end());
  monitoring["profiles"] = json::array(settings.profiles.begin(), settings.profiles.end());
  json::object result;
  result["monitoring"] = std::move(monitoring);
  result["notices"] = json::object{{"subject", text_or_null(settings.subject)},
                                   {"text", text_or_null(settings.text)}};
  return result;
}

MonitoringSettings changed_settings(MonitoringSettings base, const json::object& changes,
                                    FieldProblems& problems) {
  JsonFields fields(changes, "", problems);
  fields.ignore({"modified_at", "modified_by", "warnings"});
  if (const auto* monitoring = fields.object("monitoring")) {
    read_monitoring(*monitoring, base, problems);
  }
  if (const auto* notices = fields.object("notices")) {
    JsonFields texts(*notices, "/notices", problems);
    read_template(texts, "subject", base.subject, {.bytes_max = notice_subject_bytes_max});
    read_template(texts, "text", base.text, {.bytes_max = notice_text_bytes_max, .lines = true});
    NoticeHabits habits;  // read again by who keeps to them
    read_habits(texts, habits);
    texts.finish();
  }
  fields.finish();
  return base;
}

}  // namespace postern
