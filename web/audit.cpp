// See audit.hpp.
#include "web/audit.hpp"

#include "core/json_fields.hpp"
#include "core/utf8.hpp"
#include "web/api.hpp"
#include "web/event_streams.hpp"
#include "web/json_body.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr int our_mistake = 500;

// Bulk acts keep an entry for each integration themselves.
constexpr std::array<std::string_view, 13> not_kept = {"/api/v1/send",
                                                       "/api/v1/send/preview",
                                                       "/api/v1/notify",
                                                       "/api/v1/pull/{target}/lease",
                                                       "/api/v1/pull/{target}/ack",
                                                       "/api/v1/pull/{target}/nack",
                                                       "/api/v1/integrations/test",
                                                       "/api/v1/integrations/bulk",
                                                       "/api/v1/integrations/{integration}/test",
                                                       "/api/v1/targets/test",
                                                       "/api/v1/targets/{target}/test",
                                                       "/api/v1/rules/try",
                                                       "/api/v1/event-rules/try"};

using Leaves = std::map<std::string, const json::value*>;

Leaves leaf_map(const json::object& object) {
  Leaves result;
  std::vector<std::pair<std::string, const json::object*>> open{{"", &object}};
  while (!open.empty()) {
    const auto [pointer, current] = open.back();
    open.pop_back();
    for (const auto& [key, value] : *current) {
      auto name = pointer + pointer_segment(key);
      if (value.is_object() && !value.get_object().empty()) {
        open.emplace_back(std::move(name), &value.get_object());
      } else {
        result.emplace(std::move(name), &value);
      }
    }
  }
  return result;
}

std::string cut(std::string_view text) {
  return to_valid_utf8(text.substr(0, audited_text_bytes_max));
}

std::vector<std::string> bounded(std::vector<std::string> fields) {
  for (auto& each : fields) each = cut(each);
  if (fields.size() <= audited_fields_max) return fields;
  fields.resize(audited_fields_max);
  fields.push_back("…");
  return fields;
}

/// What the caller named in the body, when the handler did not say what it changed.
std::vector<std::string> named_fields(const Route& route, const Request& request) {
  if (route.body == BodyKind::none || request.body.empty()) return {};
  const auto* type = request.header("content-type");
  if (type == nullptr || type->find("json") == std::string::npos) return {};
  const auto body = parse_json(request.body);
  if (!body || !body.value().is_object()) return {};
  return leaves(body.value().get_object());
}

}  // namespace

bool audited(const Route& route) {
  return route.writes() && std::ranges::find(not_kept, route.pattern) == not_kept.end();
}

std::vector<std::string> leaves(const json::object& object) {
  std::vector<std::string> result;
  for (const auto& [pointer, value] : leaf_map(object)) result.push_back(pointer);
  return result;
}

std::vector<std::string> differences(const json::object& before, const json::object& after) {
  const auto old_leaves = leaf_map(before);
  const auto new_leaves = leaf_map(after);
  std::vector<std::string> result;
  for (const auto& [pointer, value] : old_leaves) {
    const auto found = new_leaves.find(pointer);
    if (found == new_leaves.end() || *found->second != *value) result.push_back(pointer);
  }
  for (const auto& [pointer, value] : new_leaves) {
    if (!old_leaves.contains(pointer)) result.push_back(pointer);
  }
  std::ranges::sort(result);
  return result;
}

std::string change_message(const storage::AuditEntry& entry) {
  json::object change;
  change["at"] = to_rfc3339(entry.at);
  change["who"] = entry.who;
  change["act"] = entry.act;
  change["resource"] = entry.resource;
  change["fields"] = json::array(entry.fields.begin(), entry.fields.end());
  return stream_message("change", json::serialize(change));
}

net::Task<Answer<void>> begin_audit(Api& api, Call& call, std::string who) {
  auto entry = audit_entry(*call.route, call, Response(), api.env.now());
  entry.who = cut(who);
  POSTERN_CO_TRY(call.audit, co_await api.store.audit().begin(std::move(entry)));
  co_return success();
}

net::Task<void> end_audit(Api& api, Call& call, const Response& response) {
  auto& audit = api.store.audit();
  if (response.status >= 400) {
    if (!call.audit || response.status == our_mistake) co_return;
    const auto dropped = co_await audit.drop(*call.audit);
    if (!dropped) log_failure(call, "taking back an entry of the audit log", dropped.error());
    co_return;
  }
  auto entry = audit_entry(*call.route, call, response, api.env.now());
  api.streams.tell(change_message(entry));
  Result<void> kept = success();
  if (call.audit) {
    kept = co_await audit.finish(*call.audit, std::move(entry));
  } else {
    kept = co_await audit.append(std::move(entry));
  }
  if (!kept) log_failure(call, "writing the audit log", kept.error());
}

storage::AuditEntry audit_entry(const Route& route, const Call& call, const Response& response,
                                Instant at) {
  storage::AuditEntry entry;
  entry.at = at;
  entry.who = cut(call.identity.name);
  entry.via = call.identity.session.empty() ? "token" : "session";
  entry.address = cut(call.request.client);
  constexpr std::string_view base = "/api/v1";
  auto pattern = route.pattern;
  if (pattern.starts_with(base)) pattern.remove_prefix(base.size());
  entry.act = std::string(route.verb) + " " + std::string(pattern);
  if (!call.act.empty()) entry.act = call.act;
  const auto* made = response.status == 201 ? response.header("Location") : nullptr;
  entry.resource = cut(made != nullptr ? *made : call.target.path);
  if (!call.changed_resource.empty()) entry.resource = cut(call.changed_resource);
  entry.fields = bounded(call.changed ? *call.changed : named_fields(route, call.request));
  entry.request_id = call.request.request_id;
  return entry;
}

}  // namespace postern::web
