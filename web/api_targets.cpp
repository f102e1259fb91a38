// /targets and /handovers: where received mail goes, and each promise to bring it there.
#include "web/handover_resource.hpp"
#include "web/patch_tries.hpp"
#include "web/routes.hpp"
#include "web/target_resource.hpp"
#include "web/token.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

net::Task<void> tell_flows(Api& api, const Call& call, TargetId id) {
  const auto told = co_await api.gateway.target_changed(id);
  if (!told) log_failure(call, "restarting a target", told.error());
}

/// A null in a patch takes the field away, and left out means kept: here it was meant.
bool clears_credential(const json::object& changes) {
  const auto is_null = [](const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_null();
  };
  const auto* auth = changes.if_contains("auth");
  return is_null(changes, "api_key") || is_null(changes, "auth") ||
         (auth != nullptr && auth->is_object() && is_null(auth->get_object(), "password"));
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.targets().list());
  std::ranges::sort(all, {}, [](const auto& each) { return each.value.id; });
  POSTERN_CO_TRY(const auto shown,
                 page_of<storage::StoredTarget>(
                     std::move(all), page, [](const auto& each) { return each.value.id.str(); }));
  POSTERN_CO_TRY(auto targets, co_await shown_targets(api, shown.items));
  json::array items;
  for (auto& each : targets) items.push_back(std::move(each));
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, co_await read_target(api, body));
  if (!draft.secret) draft.secret = make_webhook_secret();
  const auto secret = *draft.secret;
  POSTERN_CO_TRY(const auto stored, co_await api.store.targets().create(
                                        std::move(draft), call.identity.name, api.env.now()));
  co_await tell_flows(api, call, stored.value.id);
  POSTERN_CO_TRY(auto response, co_await target_response(api, stored, 201, secret));
  response.headers.emplace_back("Location", "/api/v1/targets/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_target(api, call));
  co_return co_await target_response(api, stored);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_target(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto draft, co_await read_target(api, body, former.value.auth.grant));
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.targets().replace(former.value.id, std::move(draft), version,
                                                      call.identity.name, api.env.now()));
  co_await tell_flows(api, call, stored.value.id);
  co_return co_await target_response(api, stored);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(const auto former, co_await named_target(api, call));
    POSTERN_CO_TRY(if_match(call, former.version));
    auto merged = to_json(former.value);
    merge_patch(merged, changes);
    POSTERN_CO_TRY(auto draft, co_await read_target(api, merged, former.value.auth.grant));
    if (clears_credential(changes)) draft.credential = Secret();
    const auto stored = co_await api.store.targets().replace(
        former.value.id, std::move(draft), former.version, call.identity.name, api.env.now());
    if (stored) {
      co_await tell_flows(api, call, former.value.id);
      co_return co_await target_response(api, stored.value());
    }
    if (!tries.again(stored.error())) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_target(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.targets().remove(former.value.id, version, call.identity.name,
                                                     api.env.now()));
  co_await tell_flows(api, call, former.value.id);
  co_return no_content();
}

net::Task<Answer<Response>> rotate_secret(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_target(api, call));
  const auto fresh = make_webhook_secret();
  POSTERN_CO_TRY(co_await api.store.targets().rotate_secret(former.value.id, fresh,
                                                            call.identity.name, api.env.now()));
  POSTERN_CO_TRY(const auto stored, co_await api.store.targets().find(former.value.id.str()));
  co_await tell_flows(api, call, stored.value.id);
  co_return co_await target_response(api, stored, 200, fresh);
}

net::Task<Answer<std::optional<TargetId>>> target_filter(Api& api, const Call& call) {
  const auto* wanted = call.target.parameter("target");
  if (wanted == nullptr) co_return std::optional<TargetId>();
  if (const auto id = TargetId::parse(*wanted)) co_return std::optional<TargetId>(*id);
  const auto found = co_await api.store.targets().find(*wanted);
  if (!found) co_return invalid_parameter("target", "names no target");
  co_return std::optional<TargetId>(found.value().value.id);
}

std::optional<HandoverState> handover_state(std::string_view word) {
  for (const auto state : {HandoverState::waiting, HandoverState::acknowledged,
                           HandoverState::parked, HandoverState::cancelled}) {
    if (to_string(state) == word) return state;
  }
  return std::nullopt;
}

net::Task<Answer<Response>> list_handovers(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  storage::HandoverFilter filter;
  POSTERN_CO_TRY(filter.target, co_await target_filter(api, call));
  if (const auto* state = call.target.parameter("state")) {
    filter.state = handover_state(*state);
    if (!filter.state) co_return invalid_parameter("state", "is not the state of a hand-over");
  }
  if (const auto* message = call.target.parameter("message")) {
    filter.message = MessageId::parse(*message);
    if (!filter.message) co_return invalid_parameter("message", "is not the id of a message");
  }
  POSTERN_CO_TRY(const auto found, co_await api.store.handovers().list(filter, page));
  json::array items;
  for (const auto& each : found.items) items.push_back(handover_json(each));
  co_return page_response(std::move(items), found.next_cursor);
}

net::Task<Answer<Response>> retry_handover(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<HandoverId>(call, "handover"));
  POSTERN_CO_TRY(const auto handover, co_await api.store.handovers().retry(id, api.env.now()));
  api.gateway.handovers_queued();
  co_return json_response(handover_json(handover), 202);
}

constexpr std::string_view by_name = "/api/v1/targets/{target}";
constexpr AnswerDoc one{200, "application/json", "Target"};

}  // namespace

Routes target_routes() {
  return {
      {"GET",
       "/api/v1/targets",
       scope_read,
       BodyKind::none,
       list,
       {"All targets, oldest first",
        "limit cursor",
        "",
        {{200, "application/json", "TargetPage"}}}},
      {"POST",
       "/api/v1/targets",
       scope_admin,
       BodyKind::json,
       create,
       {"Create a target; the answer alone shows its secret",
        "",
        "TargetInput",
        {{201, "application/json", "TargetWithSecret"}}}},
      {"GET",
       by_name,
       scope_read,
       BodyKind::none,
       get,
       {"One target, by id or name", "", "", {one}}},
      {"PUT",
       by_name,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace a target; its secret is kept when left out", "", "TargetInput", {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields (JSON Merge Patch)", "", "TargetPatch", {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete a target; its waiting hand-overs are cancelled", "", "", {{204, "", ""}}}},
      {"POST",
       "/api/v1/targets/{target}/rotate-secret",
       scope_admin,
       BodyKind::none,
       rotate_secret,
       {"A new secret, shown once; the former one signs too for a while",
        "",
        "",
        {{200, "application/json", "TargetWithSecret"}}}},
      {"GET",
       "/api/v1/handovers",
       scope_read,
       BodyKind::none,
       list_handovers,
       {"Hand-overs, newest first",
        "limit cursor target state message",
        "",
        {{200, "application/json", "HandoverPage"}}}},
      {"POST",
       "/api/v1/handovers/{handover}/retry",
       scope_operate,
       BodyKind::none,
       retry_handover,
       {"Hand over now, also a parked one", "", "", {{202, "application/json", "Handover"}}}},
  };
}

}  // namespace postern::web
