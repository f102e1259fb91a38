// See silence.hpp.
#include "core/silence.hpp"

#include "core/json_fields.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace postern {
namespace json = boost::json;
namespace {

bool is_of_group(std::string_view kind, std::string_view wanted) {
  if (wanted == "*" || kind == wanted) return true;
  return wanted.ends_with(".*") && kind.starts_with(wanted.substr(0, wanted.size() - 1));
}

json::array texts(const std::vector<std::string>& items) {
  return json::array(items.begin(), items.end());
}

void read_time(JsonFields& fields, std::string_view name, std::optional<Instant>& out) {
  std::optional<std::string> text;
  if (!fields.text(name, text, {.bytes_max = 40}) || !text) return;
  out = parse_rfc3339(*text);
  if (!out) fields.problem(name, "must be a time like \"2026-01-31T09:30:00Z\"");
}

json::value time_or_null(const std::optional<Instant>& at) {
  return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
}

}  // namespace

bool in_force(const Silence& silence, Instant at) {
  if (silence.from && at < *silence.from) return false;
  if (silence.until && at >= *silence.until) return false;
  return !silence.weekly || covers(*silence.weekly, at);
}

bool matches(const Silence& silence, const Problem& problem) {
  const auto& ids = silence.integrations;
  const auto id = problem.key.integration.str();
  if (!ids.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) return false;
  const auto of_kind = [&](const std::string& each) { return is_of_group(problem.kind, each); };
  const auto& kinds = silence.kinds;
  if (!kinds.empty() && std::none_of(kinds.begin(), kinds.end(), of_kind)) return false;
  return silence.server.empty() || silence.server == problem.server;
}

json::object to_json(const Silence& silence) {
  json::object result;
  if (silence.id) result["id"] = silence.id.str();
  result["reason"] = silence.reason;
  result["integrations"] = texts(silence.integrations);
  result["kinds"] = texts(silence.kinds);
  result["server"] = silence.server.empty() ? json::value(nullptr) : json::value(silence.server);
  result["from"] = time_or_null(silence.from);
  result["until"] = time_or_null(silence.until);
  result["weekly"] = nullptr;
  if (silence.weekly) {
    json::object weekly;
    write_schedule(*silence.weekly, weekly);
    result["weekly"] = std::move(weekly);
  }
  return result;
}

Silence parse_silence(const json::object& object, FieldProblems& problems) {
  Silence silence;
  JsonFields fields(object, "", problems);
  fields.ignore({"id", "active", "created_at", "modified_at", "modified_by"});
  fields.text("reason", silence.reason, {.bytes_max = 500});
  fields.texts("integrations", silence.integrations, {.bytes_max = 200}, silence_matchers_max);
  fields.texts("kinds", silence.kinds, {.bytes_max = 100}, silence_matchers_max);
  std::optional<std::string> server;
  fields.text("server", server, {.bytes_max = 253});
  silence.server = server.value_or("");
  read_time(fields, "from", silence.from);
  read_time(fields, "until", silence.until);
  if (silence.from && silence.until && *silence.until <= *silence.from) {
    fields.problem("until", "must be after from");
  }
  if (const auto* weekly = fields.object("weekly")) {
    JsonFields parts(*weekly, "/weekly", problems);
    Schedule schedule;
    read_schedule(parts, schedule);
    parts.finish();
    silence.weekly = std::move(schedule);
  }
  fields.finish();
  return silence;
}

}  // namespace postern
