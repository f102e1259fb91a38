// MESSAGE, field by field in the order of the contract.
#include "flows/message_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <vector>

namespace postern::flows {
namespace {

namespace json = boost::json;

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::array addresses(const std::vector<MailAddress>& list) {
  json::array result;
  for (const auto& each : list) {
    json::object address;
    address["name"] = each.name;
    address["address"] = each.address;
    result.push_back(std::move(address));
  }
  return result;
}

json::array strings(const std::vector<std::string>& list) {
  json::array result;
  for (const auto& each : list) result.emplace_back(each);
  return result;
}

/// The oldest mail of the thread that is named: the same for every answer that kept References.
json::value thread_id(const MessageSummary& summary) {
  if (!summary.references.empty()) return json::value(summary.references.front());
  if (summary.in_reply_to) return json::value(*summary.in_reply_to);
  return or_null(summary.message_id);
}

json::array attachments(const MessageSummary& summary, const std::string& url) {
  json::array result;
  for (std::size_t index = 0; index < summary.attachments.size(); ++index) {
    const auto& each = summary.attachments[index];
    json::object attachment;
    attachment["index"] = index;
    attachment["filename"] = each.filename;
    attachment["content_type"] = each.content_type;
    attachment["size_bytes"] = each.size_bytes;
    attachment["sha256"] = each.sha256;
    attachment["content_id"] =
        each.content_id.empty() ? json::value(nullptr) : json::value(each.content_id);
    attachment["inline"] = each.inline_disposition;
    attachment["url"] = url + "/attachments/" + std::to_string(index);
    result.push_back(std::move(attachment));
  }
  return result;
}

json::array headers(const MessageSummary& summary) {
  json::array result;
  for (const auto& [name, value] : summary.headers) {
    json::array header;
    header.emplace_back(name);
    header.emplace_back(value);
    result.push_back(std::move(header));
  }
  return result;
}

void add_row(json::object& to, const storage::MessageRow& row) {
  json::object integration;
  integration["id"] = row.integration.str();
  integration["name"] = row.integration_name;
  to["id"] = row.id.str();
  to["integration"] = std::move(integration);
  to["folder"] = row.folder;
  to["uid"] = row.uid;
  to["received_at"] = to_rfc3339(row.received_at);
  to["size_bytes"] = row.size_bytes;
  to["sha256"] = row.sha256;
}

void add_addresses(json::object& to, const MessageSummary& summary) {
  to["from"] = addresses(summary.from);
  to["sender"] = addresses(summary.sender);
  to["reply_to"] = addresses(summary.reply_to);
  to["to"] = addresses(summary.to);
  to["cc"] = addresses(summary.cc);
  to["envelope_recipients"] = strings(summary.envelope_recipients);
}

}  // namespace

std::string message_path(MessageId id) {
  return "/api/v1/messages/" + id.str();
}

json::object message_json(const storage::MessageDetail& message, const std::string& public_url) {
  const auto& summary = message.summary;
  const auto url = public_url + message_path(message.id);
  json::object result;
  add_row(result, message);
  result["message_id"] = or_null(summary.message_id);
  result["subject"] = or_null(summary.subject);
  result["date"] = summary.date ? json::value(to_rfc3339(*summary.date)) : json::value(nullptr);
  add_addresses(result, summary);
  result["in_reply_to"] = or_null(summary.in_reply_to);
  result["references"] = strings(summary.references);
  result["thread_id"] = thread_id(summary);
  result["class"] = summary.mail_class;
  result["bounce"] = nullptr;
  result["text"] = or_null(summary.text);
  result["html"] = or_null(summary.html);
  result["text_truncated"] = summary.text_truncated;
  result["attachments"] = attachments(summary, url);
  result["headers"] = headers(summary);
  result["attributes"] = json::object();
  result["rule_trace"] = json::array();
  result["defects"] = strings(summary.defects);
  result["raw_url"] = url + "/raw";
  return result;
}

}  // namespace postern::flows
