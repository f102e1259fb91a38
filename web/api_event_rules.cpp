// /event-rules: which events set off which actions; what they have done. Trying one out is in
// api_event_rule_acts.
#include "web/api.hpp"
#include "web/event_rule_names.hpp"
#include "web/event_rule_resource.hpp"
#include "web/patch_tries.hpp"
#include "web/profile_book.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

Answer<EventRuleDraft> read_rule(const json::value& body) {
  auto read = parse_event_rule(body);
  if (auto* problems = std::get_if<FieldProblems>(&read)) return invalid_body(std::move(*problems));
  return std::get<EventRuleDraft>(std::move(read));
}

json::object shown(const storage::StoredEventRule& stored, const ProfileBook& profiles) {
  auto result = event_rule_json(stored);
  result["warnings"] = warnings_json(warnings_of(stored.value, profiles.find()));
  return result;
}

net::Task<Answer<Response>> rule_response(Api& api, storage::StoredEventRule stored) {
  POSTERN_CO_TRY(const auto profiles, co_await ProfileBook::load(api));
  auto response = json_response(shown(stored, profiles));
  response.headers.emplace_back("ETag", etag_of(stored.version));
  co_return response;
}

/// Shows the secrets of the actions that sign: those that were made now, once.
net::Task<Answer<Response>> with_secrets(Api& api, const storage::StoredEventRule& stored) {
  POSTERN_CO_TRY(const auto secrets, co_await api.store.event_rules().secrets(stored.value.id));
  POSTERN_CO_TRY(const auto profiles, co_await ProfileBook::load(api));
  auto body = shown(stored, profiles);
  show_secrets(body.at("then").as_array(), stored.value.then, secrets);
  auto response = json_response(body, 201);
  response.headers.emplace_back("ETag", etag_of(stored.version));
  response.headers.emplace_back("Location", "/api/v1/event-rules/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.event_rules().list());
  POSTERN_CO_TRY(const auto part,
                 page_of<storage::StoredEventRule>(
                     std::move(all), page, [](const auto& each) { return each.value.id.str(); }));
  POSTERN_CO_TRY(const auto profiles, co_await ProfileBook::load(api));
  json::array items;
  for (const auto& each : part.items) items.push_back(shown(each, profiles));
  co_return page_response(std::move(items), part.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, read_rule(body));
  POSTERN_CO_TRY(co_await settle_names(api, draft.value));
  POSTERN_CO_TRY(const auto stored, co_await api.store.event_rules().create(
                                        std::move(draft), call.identity.name, api.env.now()));
  co_return co_await with_secrets(api, stored);
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_rule(api, call));
  co_return co_await rule_response(api, stored);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_rule(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto draft, read_rule(body));
  POSTERN_CO_TRY(co_await settle_names(api, draft.value, &former.value));
  POSTERN_CO_TRY(const auto stored, co_await api.store.event_rules().replace(
                                        former.value.id, std::move(draft), version,
                                        call.identity.name, api.env.now()));
  co_return co_await rule_response(api, stored);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(const auto former, co_await named_rule(api, call));
    POSTERN_CO_TRY(if_match(call, former.version));
    auto merged = to_json(former.value);
    merge_patch(merged, changes);
    POSTERN_CO_TRY(auto draft, read_rule(merged));
    POSTERN_CO_TRY(co_await settle_names(api, draft.value, &former.value));
    const auto stored = co_await api.store.event_rules().replace(
        former.value.id, std::move(draft), former.version, call.identity.name, api.env.now());
    if (stored) co_return co_await rule_response(api, stored.value());
    if (!tries.again(stored.error())) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_rule(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.event_rules().remove(former.value.id, version));
  co_return no_content();
}

net::Task<Answer<Response>> runs(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(const auto stored, co_await named_rule(api, call));
  POSTERN_CO_TRY(const auto found, co_await api.store.event_rules().runs(stored.value.id, page));
  json::array items;
  for (const auto& each : found.items) items.push_back(event_run_json(each, stored.value));
  co_return page_response(std::move(items), found.next_cursor);
}

constexpr std::string_view by_name = "/api/v1/event-rules/{rule}";
constexpr AnswerDoc one{200, "application/json", "EventRule"};

}  // namespace

net::Task<Answer<storage::StoredEventRule>> named_rule(Api& api, const Call& call) {
  auto found = co_await api.store.event_rules().find(call.parameter("rule"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

Routes event_rule_routes() {
  return {
      {"GET",
       "/api/v1/event-rules",
       scope_read,
       BodyKind::none,
       list,
       {"All event rules, oldest first",
        "limit cursor",
        "",
        {{200, "application/json", "EventRulePage"}}}},
      {"POST",
       "/api/v1/event-rules",
       scope_admin,
       BodyKind::json,
       create,
       {"Create an event rule; the answer alone shows the secrets its actions sign with",
        "",
        "EventRuleInput",
        {{201, "application/json", "EventRule"}}}},
      {"GET",
       by_name,
       scope_read,
       BodyKind::none,
       get,
       {"One event rule, by id or name", "", "", {one}}},
      {"PUT",
       by_name,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace an event rule; secrets of actions to the same host are kept",
        "",
        "EventRuleInput",
        {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields (JSON Merge Patch)", "", "EventRulePatch", {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete an event rule with its runs", "", "", {{204, "", ""}}}},
      {"GET",
       "/api/v1/event-rules/{rule}/runs",
       scope_read,
       BodyKind::none,
       runs,
       {"What its actions have done, newest first",
        "limit cursor",
        "",
        {{200, "application/json", "EventRunPage"}}}},
  };
}

}  // namespace postern::web
