// /targets/test and /targets/{target}/test: a target tried out, with values that may not be saved.
#include "web/routes.hpp"
#include "web/target_resource.hpp"
#include "web/token.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

json::object step_json(const flows::TestStep& step) {
  json::object result;
  result["step"] = step.step;
  result["ok"] = step.ok;
  result["ms"] = step.ms;
  result["server"] = step.server;
  result["hint"] = step.hint;
  result["field"] = step.field;
  if (step.transcript) result["transcript"] = to_json(*step.transcript);
  return result;
}

net::Task<Answer<Response>> run(Api& api, postern::Target target, storage::TargetSecrets secrets) {
  const auto type = target.type;
  POSTERN_CO_TRY(const auto tested,
                 co_await api.gateway.test_target(std::move(target), std::move(secrets)));
  json::object answer;
  answer["ok"] = tested.ok;
  answer["type"] = type;
  answer["status"] = nullptr;
  if (tested.status != 0) answer["status"] = tested.status;
  answer["ms"] = tested.took.count();
  answer["answer"] = tested.answer;
  answer["error"] = or_null(tested.error);
  answer["waiting"] = tested.waiting;
  json::array steps;
  for (const auto& step : tested.steps) steps.push_back(step_json(step));
  answer["steps"] = std::move(steps);
  co_return json_response(answer);
}

void take(storage::TargetSecrets& secrets, TargetDraft& draft) {
  if (draft.secret) secrets.current = std::move(*draft.secret);
  if (draft.credential) secrets.credential = std::move(*draft.credential);
}

net::Task<Answer<Response>> test_unsaved(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, co_await read_target(api, body));
  storage::TargetSecrets secrets;
  secrets.current = make_webhook_secret();
  take(secrets, draft);
  co_return co_await run(api, std::move(draft.value), std::move(secrets));
}

net::Task<Answer<Response>> test_saved(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_target(api, call));
  json::object merged = to_json(stored.value);
  if (!call.request.body.empty()) {
    // With another address the stored secret would go wherever the caller likes.
    if (!allows(call.identity, scope_admin)) {
      co_return Problem(403, "forbidden", "Only an admin may test other values than the stored.",
                        "Leave the body out.");
    }
    POSTERN_CO_TRY(const auto changes, object_body(call));
    merge_patch(merged, changes);
  }
  POSTERN_CO_TRY(auto draft, co_await read_target(api, merged, stored.value.auth.grant));
  POSTERN_CO_TRY(auto secrets, co_await api.store.targets().secrets(stored.value.id));
  if (draft.value.type != stored.value.type) secrets.credential = Secret();
  take(secrets, draft);
  draft.value.id = stored.value.id;
  co_return co_await run(api, std::move(draft.value), std::move(secrets));
}

constexpr AnswerDoc tested{200, "application/json", "TargetTest"};

}  // namespace

Routes target_test_routes() {
  return {
      {"POST",
       "/api/v1/targets/test",
       scope_admin,
       BodyKind::json,
       test_unsaved,
       {"Test values that are not saved yet", "", "TargetInput", {tested}}},
      {"POST",
       "/api/v1/targets/{target}/test",
       scope_operate,
       BodyKind::optional_json,
       test_saved,
       {"Call the target as a hand-over would, leaving nothing behind; changes that are not saved "
        "may be given. Of a pull target, tell what waits",
        "",
        "TargetPatch",
        {tested}}},
  };
}

}  // namespace postern::web
