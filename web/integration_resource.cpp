// Between storage's row and the contract's JSON.
#include "web/integration_resource.hpp"

#include "core/integration_json.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

void show_password_set(json::object& integration, std::string_view direction, bool set) {
  integration[direction].as_object()["auth"].as_object()["password_set"] = set;
}

/// The password a patch names in one direction, or nullptr. null is a value here: it clears.
const json::value* named_password(const json::object& patch, std::string_view direction) {
  const auto* part = patch.if_contains(direction);
  if (part == nullptr || !part->is_object()) return nullptr;
  const auto* auth = part->get_object().if_contains("auth");
  if (auth == nullptr || !auth->is_object()) return nullptr;
  return auth->get_object().if_contains("password");
}

/// Puts back the nulls that the merge has taken for "remove".
void keep_cleared_passwords(json::object& merged, const json::object& patch) {
  for (const std::string_view direction : {"incoming", "outgoing"}) {
    const auto* password = named_password(patch, direction);
    if (password == nullptr || !password->is_null()) continue;
    merged[direction].as_object()["auth"].as_object()["password"] = nullptr;
  }
}

/// An error tells where the words of its session are.
json::object status_json(const storage::StoredIntegration& stored) {
  auto status = to_json(stored.status);
  for (const std::string direction : {"incoming", "outgoing"}) {
    auto& error = status["last_" + direction + "_error"];
    if (!error.is_object()) continue;
    error.get_object()["transcript"] =
        "/api/v1/integrations/" + stored.value.id.str() + "/transcript?direction=" + direction;
  }
  return status;
}

}  // namespace

json::object integration_json(const storage::StoredIntegration& stored) {
  json::object result;
  result["id"] = stored.value.id.str();
  for (auto& [key, value] : to_json(stored.value)) result[key] = value;
  show_password_set(result, "incoming", stored.incoming_password_set);
  show_password_set(result, "outgoing", stored.outgoing_password_set);
  result["status"] = status_json(stored);
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

json::object checks_json(const flows::CheckBook::Past& past) {
  const auto list = [](const std::vector<flows::PastCheck>& checks) {
    json::array items;
    for (const auto& each : checks) {
      items.push_back(json::object{{"at", to_rfc3339(each.at)}, {"ok", each.ok}});
    }
    return items;
  };
  json::object result;
  result["incoming"] = list(past.incoming);
  result["outgoing"] = list(past.outgoing);
  return result;
}

Response integration_response(const storage::StoredIntegration& stored, int status) {
  auto response = json_response(integration_json(stored), status);
  response.headers.emplace_back("ETag", etag_of(stored.version));
  return response;
}

net::Task<Answer<storage::StoredIntegration>> named_integration(Api& api, const Call& call) {
  auto found = co_await api.store.integrations().find(call.parameter("integration"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

Answer<IntegrationDraft> read_integration(const json::value& body) {
  auto read = parse_integration(body);
  if (auto* problems = std::get_if<FieldProblems>(&read)) return invalid_body(std::move(*problems));
  return std::get<IntegrationDraft>(std::move(read));
}

Answer<IntegrationDraft> patched_integration(const storage::StoredIntegration& stored,
                                             const json::object& patch) {
  auto merged = to_json(stored.value);
  merge_patch(merged, patch);
  keep_cleared_passwords(merged, patch);
  return read_integration(merged);
}

}  // namespace postern::web
