#include "web/event_rule_resource.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<Instant>& at) {
  if (!at) return nullptr;
  return json::string(to_rfc3339(*at));
}

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

}  // namespace

json::object event_rule_json(const storage::StoredEventRule& stored) {
  auto result = to_json(stored.value);
  json::object status;
  status["times_fired"] = stored.status.times_fired;
  status["last_fired"] = time_or_null(stored.status.last_fired);
  status["last_result"] = text_or_null(stored.status.last_result);
  status["last_error"] = text_or_null(stored.status.last_error);
  result["last_fired_at"] = status.at("last_fired");
  result["status"] = std::move(status);
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

json::object event_run_json(const storage::EventRun& run, const EventRule& rule) {
  const auto place = static_cast<std::size_t>(run.action);
  json::object result;
  result["id"] = run.id.str();
  result["action"] = run.action;
  result["type"] = nullptr;
  if (place < rule.then.size()) result["type"] = to_string(rule.then[place].type);
  result["step"] = run.step;
  result["channel"] = nullptr;
  if (run.channel >= 0) result["channel"] = run.channel;
  result["state"] = storage::to_string(run.state);
  result["event"] = to_json(run.event, "");
  result["held_back"] = run.held_back;
  result["held_back_since"] = time_or_null(run.held_back_since);
  result["at"] = to_rfc3339(run.at);
  result["ended_at"] = time_or_null(run.ended_at);
  result["next_attempt_at"] = nullptr;
  if (run.state == storage::RunState::waiting) result["next_attempt_at"] = to_rfc3339(run.due);
  result["attempts"] = run.attempts;
  result["status"] = nullptr;
  if (run.status != 0) result["status"] = run.status;
  result["error"] = text_or_null(run.error);
  return result;
}

void show_secrets(json::array& shown, const std::vector<Action>& actions,
                  const std::vector<Secret>& secrets) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (!signs(actions[i].type) || secrets.at(i).empty()) continue;
    shown.at(i).as_object()["secret"] = secrets[i].reveal();
  }
}

}  // namespace postern::web
