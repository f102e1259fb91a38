// See problem.hpp.
#include "core/problem.hpp"

#include "core/runbook.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value_to.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace postern {
namespace json = boost::json;
namespace {

template <class Value>
using Words = std::pair<Value, std::string_view>;

constexpr std::array<Words<ProblemClass>, 14> class_words{{
    {ProblemClass::connection, "connection"},
    {ProblemClass::login, "login"},
    {ProblemClass::consent, "consent"},
    {ProblemClass::token, "token"},
    {ProblemClass::transfer, "transfer"},
    {ProblemClass::stale, "stale"},
    {ProblemClass::quarantine, "quarantine"},
    {ProblemClass::handover, "handover"},
    {ProblemClass::target, "target"},
    {ProblemClass::certificate, "certificate"},
    {ProblemClass::secret, "secret"},
    {ProblemClass::space, "space"},
    {ProblemClass::network, "network"},
    {ProblemClass::channel, "channel"},
}};

constexpr std::array<Words<ProblemState>, 5> state_words{{
    {ProblemState::pending, "pending"},
    {ProblemState::open, "open"},
    {ProblemState::recovering, "recovering"},
    {ProblemState::flapping, "flapping"},
    {ProblemState::closed, "closed"},
}};

template <class Value, std::size_t size>
std::string_view word_of(const std::array<Words<Value>, size>& words, Value value) {
  for (const auto& [each, word] : words) {
    if (each == value) return word;
  }
  return {};
}

template <class Value, std::size_t size>
std::optional<Value> value_of(const std::array<Words<Value>, size>& words, std::string_view word) {
  for (const auto& [value, each] : words) {
    if (each == word) return value;
  }
  return std::nullopt;
}

json::value time_or_null(const std::optional<Instant>& at) {
  return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

Instant instant(const json::value& value) {
  return from_milliseconds(value.as_int64());
}

std::optional<Instant> maybe_instant(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return instant(value);
}

json::value milliseconds(const std::optional<Instant>& at) {
  return at ? json::value(to_milliseconds(*at)) : json::value(nullptr);
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

template <class Value>
Value known(std::optional<Value> value) {
  if (!value) throw std::runtime_error("unknown word in a problem's row");
  return *value;
}

}  // namespace

std::string_view to_string(ProblemClass of) {
  return word_of(class_words, of);
}
std::optional<ProblemClass> parse_problem_class(std::string_view word) {
  return value_of(class_words, word);
}
std::string_view to_string(ProblemState state) {
  return word_of(state_words, state);
}
std::optional<ProblemState> parse_problem_state(std::string_view word) {
  return value_of(state_words, word);
}

std::string_view to_string(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::failing:
      return "failing";
    case NoticeKind::disabled:
      return "disabled";
    case NoticeKind::flapping:
      return "flapping";
    case NoticeKind::reminder:
      return "reminder";
    case NoticeKind::recovered:
      return "recovered";
  }
  return {};
}

json::object to_json(const Problem& problem, std::string_view integration) {
  json::object result;
  result["id"] = problem.id.str();
  result["kind"] = problem.kind;
  result["class"] = to_string(problem.key.of);
  result["title"] = problem.title;
  if (problem.key.integration) {
    result["integration"] =
        json::object{{"id", problem.key.integration.str()}, {"name", integration}};
  } else {
    result["integration"] = nullptr;
  }
  result["direction"] = text_or_null(problem.key.direction);
  result["server"] = text_or_null(problem.server);
  result["login"] = text_or_null(problem.login);
  result["state"] = to_string(problem.state);
  result["since"] = to_rfc3339(problem.since);
  result["changed_at"] = to_rfc3339(problem.changed);
  result["count"] = problem.count;
  result["disabled"] = problem.disabled;
  result["message"] = problem.message;
  result["hint"] = problem.hint;
  result["runbook"] = runbook_section(problem.key.of);
  result["acknowledged_at"] = time_or_null(problem.acknowledged_at);
  result["acknowledged_by"] = text_or_null(problem.acknowledged_by);
  result["notices"] = problem.notices;
  result["last_notice_at"] = time_or_null(problem.last_notice_at);
  return result;
}

json::object problem_row(const Problem& problem) {
  json::array turns;
  for (const auto at : problem.turns) turns.push_back(to_milliseconds(at));
  return {{"class", to_string(problem.key.of)},
          {"integration", problem.key.integration.value},
          {"direction", problem.key.direction},
          {"subject", problem.key.subject},
          {"kind", problem.kind},
          {"title", problem.title},
          {"server", problem.server},
          {"login", problem.login},
          {"state", to_string(problem.state)},
          {"since", to_milliseconds(problem.since)},
          {"changed", to_milliseconds(problem.changed)},
          {"count", problem.count},
          {"failing", problem.failing},
          {"disabled", problem.disabled},
          {"message", problem.message},
          {"hint", problem.hint},
          {"acknowledged_at", milliseconds(problem.acknowledged_at)},
          {"acknowledged_by", problem.acknowledged_by},
          {"notices", problem.notices},
          {"told", problem.told},
          {"owes", problem.owes},
          {"told_at", milliseconds(problem.told_at)},
          {"told_disabled", problem.told_disabled},
          {"told_flapping", problem.told_flapping},
          {"thread", problem.thread},
          {"last_notice_at", milliseconds(problem.last_notice_at)},
          {"reminders", problem.reminders},
          {"muted_count", problem.muted_count},
          {"turns", std::move(turns)}};
}

Problem problem_from_row(const json::object& row) {
  Problem problem;
  problem.key.of = known(parse_problem_class(row.at("class").as_string()));
  problem.key.integration.value = row.at("integration").as_int64();
  problem.key.direction = text(row.at("direction"));
  problem.key.subject = text(row.at("subject"));
  problem.kind = text(row.at("kind"));
  problem.title = text(row.at("title"));
  problem.server = text(row.at("server"));
  problem.login = text(row.at("login"));
  problem.state = known(parse_problem_state(row.at("state").as_string()));
  problem.since = instant(row.at("since"));
  problem.changed = instant(row.at("changed"));
  problem.count = json::value_to<int>(row.at("count"));
  problem.failing = row.at("failing").as_bool();
  problem.disabled = row.at("disabled").as_bool();
  problem.message = text(row.at("message"));
  problem.hint = text(row.at("hint"));
  problem.acknowledged_at = maybe_instant(row.at("acknowledged_at"));
  problem.acknowledged_by = text(row.at("acknowledged_by"));
  problem.notices = json::value_to<int>(row.at("notices"));
  problem.told = row.at("told").as_bool();
  problem.owes = row.at("owes").as_bool();
  problem.told_at = maybe_instant(row.at("told_at"));
  problem.told_disabled = row.at("told_disabled").as_bool();
  problem.told_flapping = row.at("told_flapping").as_bool();
  problem.thread = text(row.at("thread"));
  problem.last_notice_at = maybe_instant(row.at("last_notice_at"));
  problem.reminders = json::value_to<int>(row.at("reminders"));
  problem.muted_count = json::value_to<int>(row.at("muted_count"));
  for (const auto& at : row.at("turns").as_array()) problem.turns.push_back(instant(at));
  return problem;
}

}  // namespace postern
