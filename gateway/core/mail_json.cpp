// JSON of MessageSummary, the fields of MESSAGE in the contract that the mail itself decides.
#include "core/mail_json.hpp"
#include "core/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace postern {
namespace {

namespace json = boost::json;

using Memory = json::storage_ptr;

json::value text(const std::string& value, const Memory& memory) {
  if (valid_utf8(value)) return json::value(value, memory);
  return json::value(to_valid_utf8(value), memory);
}

json::value text_or_null(const std::optional<std::string>& value, const Memory& memory) {
  return value ? text(*value, memory) : json::value(nullptr, memory);
}

json::value null_if_empty(const std::string& value, const Memory& memory) {
  return value.empty() ? json::value(nullptr, memory) : text(value, memory);
}

json::array texts(const std::vector<std::string>& values, const Memory& memory) {
  json::array out(memory);
  out.reserve(values.size());
  for (const auto& value : values) out.push_back(text(value, memory));
  return out;
}

json::array addresses(const std::vector<MailAddress>& values, const Memory& memory) {
  json::array out(memory);
  out.reserve(values.size());
  for (const auto& value : values) {
    json::object entry(memory);
    entry["name"] = text(value.name, memory);
    entry["address"] = text(value.address, memory);
    out.push_back(std::move(entry));
  }
  return out;
}

json::array attachments(const std::vector<AttachmentSummary>& values, const Memory& memory) {
  json::array out(memory);
  for (std::size_t i = 0; i < values.size(); ++i) {
    json::object entry(memory);
    entry["index"] = i;
    entry["filename"] = null_if_empty(values[i].filename, memory);
    entry["content_type"] = text(values[i].content_type, memory);
    entry["size_bytes"] = values[i].size_bytes;
    entry["sha256"] = text(values[i].sha256, memory);
    entry["content_id"] = null_if_empty(values[i].content_id, memory);
    entry["inline"] = values[i].inline_disposition;
    entry["within"] = values[i].within ? json::value(*values[i].within) : json::value(nullptr);
    out.push_back(std::move(entry));
  }
  return out;
}

json::array headers(const std::vector<std::pair<std::string, std::string>>& values,
                    const Memory& memory) {
  json::array out(memory);
  out.reserve(values.size());
  for (const auto& [name, value] : values) {
    json::array pair(memory);
    pair.push_back(text(name, memory));
    pair.push_back(text(value, memory));
    out.push_back(std::move(pair));
  }
  return out;
}

// Reading: what is missing or of another type is as if empty, since only our own JSON comes here.

const json::array& array_at(const json::object& object, std::string_view key) {
  static const json::array none;
  const json::value* value = object.if_contains(key);
  const json::array* array = value == nullptr ? nullptr : value->if_array();
  return array == nullptr ? none : *array;
}

std::string string_in(const json::value* value) {
  const json::string* string = value == nullptr ? nullptr : value->if_string();
  return string == nullptr ? std::string() : std::string(*string);
}

std::string string_at(const json::object& object, std::string_view key) {
  return string_in(object.if_contains(key));
}

std::optional<std::string> optional_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return string_in(value);
}

bool bool_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const bool* flag = value == nullptr ? nullptr : value->if_bool();
  return flag != nullptr && *flag;
}

std::uint64_t number_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  boost::system::error_code failed;
  const auto number = value->to_number<std::uint64_t>(failed);
  return failed ? 0 : number;
}

std::vector<std::string> strings_at(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  for (const json::value& value : array_at(object, key)) out.push_back(string_in(&value));
  return out;
}

std::vector<MailAddress> addresses_at(const json::object& object, std::string_view key) {
  std::vector<MailAddress> out;
  for (const json::value& value : array_at(object, key)) {
    if (const json::object* entry = value.if_object()) {
      out.push_back({string_at(*entry, "name"), string_at(*entry, "address")});
    }
  }
  return out;
}

std::vector<AttachmentSummary> attachments_at(const json::object& object) {
  std::vector<AttachmentSummary> out;
  for (const json::value& value : array_at(object, "attachments")) {
    const json::object* entry = value.if_object();
    if (entry == nullptr) continue;
    AttachmentSummary attachment;
    attachment.filename = string_at(*entry, "filename");
    attachment.content_type = string_at(*entry, "content_type");
    attachment.content_id = string_at(*entry, "content_id");
    attachment.sha256 = string_at(*entry, "sha256");
    attachment.size_bytes = number_at(*entry, "size_bytes");
    attachment.inline_disposition = bool_at(*entry, "inline");
    const json::value* within = entry->if_contains("within");
    if (within != nullptr && within->is_number()) attachment.within = number_at(*entry, "within");
    out.push_back(std::move(attachment));
  }
  return out;
}

json::value bounce_or_null(const std::optional<BounceSummary>& bounce, const Memory& memory) {
  if (!bounce) return nullptr;
  json::array recipients(memory);
  for (const auto& each : bounce->recipients) {
    json::object entry(memory);
    entry["address"] = text(each.address, memory);
    entry["status"] = null_if_empty(each.status, memory);
    entry["action"] = text(each.action, memory);
    entry["diagnostic"] = null_if_empty(each.diagnostic, memory);
    recipients.push_back(std::move(entry));
  }
  json::object out(memory);
  out["original_message_id"] = text_or_null(bounce->original_message_id, memory);
  out["delivery"] = text_or_null(bounce->delivery, memory);
  out["recipients"] = std::move(recipients);
  return out;
}

std::optional<BounceSummary> bounce_at(const json::object& object) {
  const json::value* value = object.if_contains("bounce");
  const json::object* found = value == nullptr ? nullptr : value->if_object();
  if (found == nullptr) return std::nullopt;
  BounceSummary bounce;
  bounce.original_message_id = optional_at(*found, "original_message_id");
  bounce.delivery = optional_at(*found, "delivery");
  for (const json::value& each : array_at(*found, "recipients")) {
    const json::object* entry = each.if_object();
    if (entry == nullptr) continue;
    bounce.recipients.push_back({string_at(*entry, "address"), string_at(*entry, "status"),
                                 string_at(*entry, "action"), string_at(*entry, "diagnostic")});
  }
  return bounce;
}

}  // namespace

json::object to_json(const MessageSummary& summary) {
  return to_json(summary, Memory());
}

json::object to_json(const MessageSummary& summary, const Memory& memory) {
  json::object out(memory);
  out["message_id"] = text_or_null(summary.message_id, memory);
  out["subject"] = text_or_null(summary.subject, memory);
  out["date"] = summary.date ? json::value(to_rfc3339(*summary.date)) : json::value(nullptr);
  out["from"] = addresses(summary.from, memory);
  out["sender"] = addresses(summary.sender, memory);
  out["reply_to"] = addresses(summary.reply_to, memory);
  out["to"] = addresses(summary.to, memory);
  out["cc"] = addresses(summary.cc, memory);
  out["envelope_recipients"] = texts(summary.envelope_recipients, memory);
  out["in_reply_to"] = text_or_null(summary.in_reply_to, memory);
  out["references"] = texts(summary.references, memory);
  out["class"] = text(summary.mail_class, memory);
  out["class_evidence"] = texts(summary.class_evidence, memory);
  out["bounce"] = bounce_or_null(summary.bounce, memory);
  out["text"] = text_or_null(summary.text, memory);
  out["html"] = text_or_null(summary.html, memory);
  out["text_truncated"] = summary.text_truncated;
  out["attachments"] = attachments(summary.attachments, memory);
  out["headers"] = headers(summary.headers, memory);
  out["defects"] = texts(summary.defects, memory);
  out["thread_index"] = text_or_null(summary.thread_index, memory);
  out["thread_id"] = text_or_null(summary.thread_id, memory);
  out["thread_known"] = summary.thread_known;
  out["matched_reference"] = text_or_null(summary.matched_reference, memory);
  out["matched_by"] = text_or_null(summary.matched_by, memory);
  out["also_in"] = texts(summary.also_in, memory);
  return out;
}

MessageSummary message_summary_from_json(const json::object& object) {
  MessageSummary summary;
  summary.message_id = optional_at(object, "message_id");
  summary.subject = optional_at(object, "subject");
  summary.date = parse_rfc3339(string_at(object, "date"));
  summary.from = addresses_at(object, "from");
  summary.sender = addresses_at(object, "sender");
  summary.reply_to = addresses_at(object, "reply_to");
  summary.to = addresses_at(object, "to");
  summary.cc = addresses_at(object, "cc");
  summary.envelope_recipients = strings_at(object, "envelope_recipients");
  summary.in_reply_to = optional_at(object, "in_reply_to");
  summary.references = strings_at(object, "references");
  if (auto word = optional_at(object, "class")) summary.mail_class = std::move(*word);
  summary.class_evidence = strings_at(object, "class_evidence");
  summary.text = optional_at(object, "text");
  summary.bounce = bounce_at(object);
  summary.html = optional_at(object, "html");
  summary.text_truncated = bool_at(object, "text_truncated");
  summary.attachments = attachments_at(object);
  for (const json::value& value : array_at(object, "headers")) {
    const json::array* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2) continue;
    summary.headers.emplace_back(string_in(&pair->at(0)), string_in(&pair->at(1)));
  }
  summary.defects = strings_at(object, "defects");
  summary.thread_index = optional_at(object, "thread_index");
  summary.thread_id = optional_at(object, "thread_id");
  summary.thread_known = bool_at(object, "thread_known");
  summary.matched_reference = optional_at(object, "matched_reference");
  summary.matched_by = optional_at(object, "matched_by");
  summary.also_in = strings_at(object, "also_in");
  return summary;
}

}  // namespace postern
