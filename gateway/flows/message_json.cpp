// The row's words, the summary's as core writes them, and the URLs.
#include "flows/message_json.hpp"

#include "core/mail_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

namespace postern::flows {
namespace {

namespace json = boost::json;

/// Of mails that were digested before threads were kept: the oldest mail that is named.
json::value thread_by_references(const MessageSummary& summary) {
  if (!summary.references.empty()) return json::value(summary.references.front());
  if (summary.in_reply_to) return json::value(*summary.in_reply_to);
  if (summary.message_id) return json::value(*summary.message_id);
  return nullptr;
}

void add_urls(json::array& attachments, const std::string& url) {
  for (std::size_t index = 0; index < attachments.size(); ++index) {
    attachments[index].as_object()["url"] = url + "/attachments/" + std::to_string(index);
  }
}

json::object row_json(const storage::MessageRow& row, const json::storage_ptr& memory) {
  json::object integration(memory);
  integration["id"] = row.integration.str();
  integration["name"] = row.integration_name;
  json::object result(memory);
  result["id"] = row.id.str();
  result["integration"] = std::move(integration);
  result["folder"] = row.folder;
  result["uid"] = row.uid;
  result["received_at"] = to_rfc3339(row.received_at);
  result["size_bytes"] = row.size_bytes;
  result["sha256"] = row.sha256;
  return result;
}

}  // namespace

std::string message_path(MessageId id) {
  return "/api/v1/messages/" + id.str();
}

json::object message_json(const storage::MessageDetail& message, const std::string& public_url) {
  const auto url = public_url + message_path(message.id);
  // Its parts are made and let go together.
  const auto memory = json::make_shared_resource<json::monotonic_resource>();
  auto result = row_json(message, memory);
  auto summary = to_json(message.summary, memory);
  for (auto& [key, value] : summary) result[key] = std::move(value);
  if (!message.summary.thread_id) result["thread_id"] = thread_by_references(message.summary);
  result["attributes"] = message.routing.attributes;
  json::array tags;
  for (const auto& tag : message.routing.tags) tags.emplace_back(tag);
  result["tags"] = std::move(tags);
  result["priority"] = message.routing.priority;
  result["rule_trace"] = trace_json(message.routing.trace);
  add_urls(result["attachments"].as_array(), url);
  result["raw_url"] = url + "/raw";
  if (message.state == storage::MessageState::too_large) {
    // The header alone is here; see target_kinds.hpp for the notice that goes with it.
    result["state"] = to_string(message.state);
    result["text"] = result["html"] = nullptr;
    result["defects"].as_array().emplace_back("too_large");
  }
  return result;
}

}  // namespace postern::flows
