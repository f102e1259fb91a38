#include "web/target_resource.hpp"

#include "core/oauth.hpp"
#include "core/target_types.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

std::string_view state_of(const postern::Target& target, const storage::TargetStatus& status) {
  if (!target.enabled) return "off";
  return status.consecutive_errors > 0 ? "failing" : "ok";
}

json::object status_json(const postern::Target& target, const storage::TargetStatus& status) {
  json::object result;
  result["state"] = state_of(target, status);
  result["waiting"] = status.waiting;
  result["parked"] = status.parked;
  result["last_success"] = nullptr;
  if (status.last_success) result["last_success"] = to_rfc3339(*status.last_success);
  result["last_error"] = nullptr;
  if (const auto& failure = status.last_error) {
    json::object error;
    error["at"] = to_rfc3339(failure->at);
    error["status"] = nullptr;
    if (failure->status != 0) error["status"] = failure->status;
    error["message"] = failure->message;
    error["hint"] = or_null(failure->hint);
    result["last_error"] = std::move(error);
  }
  result["consecutive_errors"] = status.consecutive_errors;
  return result;
}

json::object target_json(const storage::StoredTarget& stored, const storage::TargetStatus& status) {
  json::object result;
  result["id"] = stored.value.id.str();
  for (auto& [key, value] : to_json(stored.value)) result[key] = value;
  result["secret_set"] = true;
  const auto& type = type_of(stored.value);
  if (type.has(setting_api_key)) result["api_key_set"] = stored.credential_set;
  if (type.has(setting_auth)) {
    result["auth"].as_object()["password_set"] = stored.credential_set;
  }
  result["status"] = status_json(stored.value, status);
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

}  // namespace

net::Task<Answer<std::vector<json::object>>> shown_targets(
    Api& api, const std::vector<storage::StoredTarget>& targets) {
  POSTERN_CO_TRY(auto statuses, co_await api.store.targets().statuses());
  std::vector<json::object> shown;
  for (const auto& each : targets) shown.push_back(target_json(each, statuses[each.value.id]));
  co_return shown;
}

net::Task<Answer<Response>> target_response(Api& api, storage::StoredTarget target, int status,
                                            std::optional<Secret> secret) {
  const auto version = target.version;
  std::vector<storage::StoredTarget> one;
  one.push_back(std::move(target));
  POSTERN_CO_TRY(auto shown, co_await shown_targets(api, one));
  auto& body = shown.front();
  if (secret) body["secret"] = secret->reveal();
  auto response = json_response(body, status);
  response.headers.emplace_back("ETag", etag_of(version));
  co_return response;
}

net::Task<Answer<storage::StoredTarget>> named_target(Api& api, const Call& call) {
  auto found = co_await api.store.targets().find(call.parameter("target"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

net::Task<Answer<TargetDraft>> read_target(Api& api, const json::value& body,
                                           std::optional<std::string> had) {
  auto read = parse_target(body);
  if (auto* problems = std::get_if<FieldProblems>(&read)) {
    co_return invalid_body(std::move(*problems));
  }
  auto draft = std::get<TargetDraft>(std::move(read));
  if (draft.value.auth.grant && draft.value.auth.grant != had) {
    const auto id = OAuthGrantId::parse(*draft.value.auth.grant);
    bool there = id.has_value();
    if (id) {
      const auto grant = co_await api.store.oauth().grant(*id);
      if (!grant && grant.error().code != storage::errc::not_found)
        co_return Problem(grant.error());
      there = grant.has_value();
    }
    if (!there) {
      co_return invalid_body({{"/auth/grant", "names no grant; GET /oauth/grants lists them"}});
    }
  }
  co_return draft;
}

}  // namespace postern::web
