// Trying event rules out: what one would do about an event, without doing it (try), and one action
// or channel done now with a sample (test).
#include "core/json_fields.hpp"
#include "flows/actions.hpp"
#include "web/api.hpp"
#include "web/event_rule_names.hpp"
#include "web/event_rule_resource.hpp"
#include "web/routes.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

/// The event named in the body, or a sample of one.
net::Task<Answer<Event>> event_of(Api& api, const std::optional<std::string>& id) {
  if (!id) co_return sample_event(api.env.now());
  const auto parsed = EventId::parse(*id);
  if (!parsed) co_return invalid_body({{"/event", "is not the id of an event"}});
  auto found = co_await api.store.event_rules().event(*parsed);
  if (!found && found.error().code == make_error_code(storage::errc::not_found)) {
    co_return invalid_body({{"/event", "there is no such event"}});
  }
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

net::Task<flows::ActionNotice> notice_about(Api& api, Event event, const EventRule* rule) {
  flows::ActionNotice notice;
  notice.id = "run_preview";
  if (rule != nullptr) {
    if (rule->id) notice.facts.rule_id = rule->id.str();
    notice.facts.rule_name = rule->name;
  }
  notice.facts.public_url = api.options.public_url;
  notice.facts.integration_name = event.integration ? "" : "Support";
  if (event.integration) {
    const auto stored = co_await api.store.integrations().get(event.integration);
    if (stored) notice.facts.integration_name = stored.value().value.name;
  }
  notice.event = std::move(event);
  co_return notice;
}

struct TryRequest {
  EventRule rule;
  std::optional<std::string> event;
  std::uint64_t held_back = 0;
};

/// {rule: an id, a name or a whole rule, event: an id, held_back: a number}
net::Task<Answer<TryRequest>> read_try(Api& api, const json::object& body) {
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  TryRequest request;
  fields.text("event", request.event, {.bytes_max = 100});
  fields.integer("held_back", request.held_back, 0, 1000000);
  const auto* rule = fields.any("rule");
  if (rule == nullptr || !(rule->is_string() || rule->is_object())) {
    fields.problem("rule", "is required: the rule, or the id or name of a stored one");
  }
  fields.finish();
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  if (rule->is_string()) {
    auto found = co_await api.store.event_rules().find(std::string(rule->get_string()));
    if (!found) co_return invalid_body({{"/rule", "there is no such event rule"}});
    request.rule = std::move(found).value().value;
    co_return request;
  }
  auto read = parse_event_rule(*rule);
  if (auto* wrong = std::get_if<FieldProblems>(&read)) {
    for (auto& each : *wrong) each.pointer = "/rule" + each.pointer;
    co_return invalid_body(std::move(*wrong));
  }
  request.rule = std::get<EventRuleDraft>(std::move(read)).value;
  auto settled = co_await settle_names(api, request.rule);
  if (!settled) {
    auto problem = std::move(settled).error();
    for (auto& each : problem.errors) each.pointer = "/rule" + each.pointer;
    co_return problem;
  }
  co_return request;
}

net::Task<Answer<Response>> try_rule(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  POSTERN_CO_TRY(auto request, co_await read_try(api, body));
  POSTERN_CO_TRY(auto event, co_await event_of(api, request.event));
  const auto found = match(request.rule, event);
  auto notice = co_await notice_about(api, std::move(event), &request.rule);
  notice.facts.held_back = request.held_back;
  if (request.held_back > 0) notice.facts.held_back_since = notice.event.at;

  json::array conditions;
  for (const auto& each : found.findings) {
    json::object condition;
    condition["field"] = each.field;
    condition["holds"] = each.holds;
    condition["reason"] = each.reason;
    conditions.push_back(std::move(condition));
  }
  json::array previews;
  for (const auto& action : request.rule.then) {
    previews.push_back(flows::preview_of(action, notice, api.env.now()));
  }
  json::object answer;
  answer["matched"] = found.matched;
  answer["conditions"] = std::move(conditions);
  answer["event"] = to_json(notice.event, notice.facts.integration_name);
  answer["actions"] = std::move(previews);
  co_return json_response(answer);
}

/// {"action": place or name} of a list.
Answer<std::size_t> chosen(const Call& call, std::string_view name,
                           const std::vector<Action>& among) {
  std::size_t index = 0;
  if (!call.request.body.empty()) {
    POSTERN_TRY(const auto body, object_body(call));
    FieldProblems problems;
    JsonFields fields(body, "", problems);
    fields.integer(name, index, 0, 1000);
    fields.finish();
    if (!problems.empty()) return invalid_body(std::move(problems));
  }
  if (index < among.size()) return index;
  return invalid_body({{"/" + std::string(name), "there is no such one; they count from 0"}});
}

json::object result_json(const flows::ActionResult& result, ActionType type) {
  json::object answer;
  answer["ok"] = result.ok;
  answer["type"] = to_string(type);
  answer["status"] = nullptr;
  if (result.status != 0) answer["status"] = result.status;
  answer["error"] = nullptr;
  if (!result.error.empty()) answer["error"] = result.error;
  answer["answer"] = result.answer;
  return answer;
}

/// A test with the texts of a sample, at once; it counts for no limit and leaves no run.
net::Task<json::object> test_action(Api& api, Action action, Secret secret, const EventRule* rule) {
  auto event = sample_event(api.env.now());
  event.message = "This is a test from Postern. " + event.message;
  auto notice = co_await notice_about(api, std::move(event), rule);
  notice.id = "test_" + std::to_string(to_milliseconds(api.env.now()));
  notice.is_test = true;
  const auto type = action.type;
  const auto result =
      co_await api.gateway.perform(std::move(action), std::move(secret), std::move(notice));
  co_return result_json(result, type);
}

net::Task<Answer<Response>> test_rule(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_rule(api, call));
  POSTERN_CO_TRY(const auto index, chosen(call, "action", stored.value.then));
  POSTERN_CO_TRY(auto secrets, co_await api.store.event_rules().secrets(stored.value.id));
  const auto& action = stored.value.then[index];
  if (action.type != ActionType::profile) {
    co_return json_response(
        co_await test_action(api, action, std::move(secrets.at(index)), &stored.value));
  }
  // A profile: all its channels, each with its own result.
  POSTERN_CO_TRY(const auto profile, co_await api.store.profiles().find(action.profile));
  POSTERN_CO_TRY(auto keys, co_await api.store.profiles().secrets(profile.value.id));
  json::array channels;
  bool ok = true;
  for (std::size_t i = 0; i < profile.value.channels.size(); ++i) {
    auto answer =
        co_await test_action(api, profile.value.channels[i], std::move(keys.at(i)), &stored.value);
    ok = ok && answer.at("ok").as_bool();
    channels.push_back(std::move(answer));
  }
  flows::ActionResult whole;
  whole.ok = ok;
  auto answer = result_json(whole, action.type);
  answer["channels"] = std::move(channels);
  co_return json_response(answer);
}

net::Task<Answer<Response>> test_profile(Api& api, Call& call) {
  auto found = co_await api.store.profiles().find(call.parameter("profile"));
  if (!found) co_return Problem(found.error());
  const auto& profile = found.value().value;
  POSTERN_CO_TRY(const auto index, chosen(call, "channel", profile.channels));
  POSTERN_CO_TRY(auto secrets, co_await api.store.profiles().secrets(profile.id));
  co_return json_response(
      co_await test_action(api, profile.channels[index], std::move(secrets.at(index)), nullptr));
}

}  // namespace

Routes event_rule_act_routes() {
  return {
      {"POST",
       "/api/v1/event-rules/try",
       scope_admin,
       BodyKind::json,
       try_rule,
       {"What a rule would do about an event (a stored one, or a sample), and why; nothing is done",
        "",
        "EventRuleTry",
        {{200, "application/json", "EventRuleTried"}}}},
      {"POST",
       "/api/v1/event-rules/{rule}/test",
       scope_admin,
       BodyKind::optional_json,
       test_rule,
       {"Do one of its actions now, about a sample marked as a test",
        "",
        "EventRuleTest",
        {{200, "application/json", "ActionTested"}}}},
      {"POST",
       "/api/v1/profiles/{profile}/test",
       scope_admin,
       BodyKind::optional_json,
       test_profile,
       {"Tell one of its channels now, about a sample marked as a test",
        "",
        "ProfileTest",
        {{200, "application/json", "ActionTested"}}}},
  };
}

}  // namespace postern::web
