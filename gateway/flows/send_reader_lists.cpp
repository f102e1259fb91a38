// The addresses and attachments of POST /send.
#include "core/base64.hpp"
#include "flows/send_reader.hpp"
#include "message/address.hpp"
#include "message/domain.hpp"

#include <fmt/format.h>

#include <utility>

namespace postern::flows {

void SendReader::check_domain(const MailAddress& address, const std::string& pointer) {
  const auto domain = std::string_view(address.address).substr(address.address.rfind('@') + 1);
  if (message::to_ascii_domain(domain)) return;
  wrong(ResultCode::bad_address, pointer, address.address + " has a domain that cannot be one");
}

void SendReader::addresses(std::string_view name, std::vector<MailAddress>& out) {
  const auto* value = fields_.any(name);
  if (value == nullptr || value->is_null()) return;
  const auto add = [&](std::string_view text, const std::string& pointer) {
    auto parsed = message::parse_address_list(text);
    if (!parsed) return wrong(ResultCode::bad_address, pointer, parsed.error().detail);
    for (auto& each : parsed.value()) {
      check_domain(each, pointer);
      out.push_back(std::move(each));
    }
  };
  if (value->is_string()) return add(value->get_string(), fields_.pointer(name));
  if (!value->is_array()) {
    return fields_.problem(name, "must be an array of addresses, or one string split at ; or ,");
  }
  const auto& items = value->get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto pointer = fmt::format("{}/{}", fields_.pointer(name), i);
    if (!items[i].is_string()) {
      problems_.push_back({pointer, "must be a string"});
    } else {
      add(items[i].get_string(), pointer);
    }
  }
}

void SendReader::address(std::string_view name, std::optional<MailAddress>& out) {
  const auto text = unchecked_text(name, header_value_bytes_max);
  if (!text || text->empty()) return;
  auto parsed = message::parse_address(*text);
  if (!parsed) return wrong(ResultCode::bad_address, fields_.pointer(name), parsed.error().detail);
  check_domain(parsed.value(), fields_.pointer(name));
  out = std::move(parsed).value();
}

void SendReader::read_addresses() {
  address("from", request_.from);
  address("reply_to", request_.reply_to);
  addresses("to", request_.to);
  addresses("cc", request_.cc);
  addresses("bcc", request_.bcc);
  const auto count = request_.to.size() + request_.cc.size() + request_.bcc.size();
  if (count == 0 && !code_) {
    wrong(ResultCode::bad_address, "/to", "the mail has no recipients; give to, cc or bcc");
  }
  if (count > recipients_max) {
    wrong(ResultCode::bad_address, "/to",
          fmt::format("{} recipients are more than the {} of one mail", count, recipients_max));
  }
}

/// A text that becomes a part of a header field.
std::optional<std::string> SendReader::one_line(JsonFields& fields, std::string_view name) {
  const auto* value = fields.any(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) {
    fields.problem(name, "must be a string");
    return std::nullopt;
  }
  std::string text(value->get_string());
  if (leaves_its_line(text)) {
    wrong(ResultCode::injection, fields.pointer(name), one_line_only);
  } else if (auto mistake = check_text(text, {.bytes_max = 255})) {
    fields.problem(name, std::move(*mistake));
  }
  return text;
}

void SendReader::read_attachment(const boost::json::object& object, const std::string& pointer) {
  JsonFields fields(object, pointer, problems_);
  DraftAttachment attachment;
  attachment.filename = one_line(fields, "filename").value_or("");
  if (attachment.filename.empty()) fields.problem("filename", "is required");
  attachment.content_type = one_line(fields, "content_type").value_or("application/octet-stream");
  attachment.content_id = one_line(fields, "content_id").value_or("");
  if (!attachment.content_id.empty()) {
    check_message_id(attachment.content_id, fields.pointer("content_id"));
  }
  const auto* content = fields.any("content_base64");
  if (content == nullptr || !content->is_string()) {
    wrong(ResultCode::attachment, pointer + "/content_base64",
          "the attachment's content is missing; give it as base64");
  } else if (auto bytes = from_base64(content->get_string())) {
    attachment.content = std::move(*bytes);
  } else {
    wrong(ResultCode::attachment, pointer + "/content_base64", "is not base64");
  }
  fields.finish();
  request_.attachments.push_back(std::move(attachment));
}

void SendReader::read_attachments() {
  if (const auto* items = fields_.array("attachments")) {
    if (items->size() + files_.size() > attachments_max) {
      return wrong(ResultCode::attachment, "/attachments",
                   fmt::format("more than {} attachments", attachments_max));
    }
    for (std::size_t i = 0; i < items->size(); ++i) {
      const auto pointer = fmt::format("/attachments/{}", i);
      if ((*items)[i].is_object()) {
        read_attachment((*items)[i].get_object(), pointer);
      } else {
        problems_.push_back({pointer, "must be an object"});
      }
    }
  }
  read_files();
  check_attachments();
}

void SendReader::read_files() {
  for (auto& file : files_) {
    const auto pointer = fmt::format("/attachments/{}", request_.attachments.size());
    for (const auto* text : {&file.filename, &file.content_type}) {
      if (leaves_its_line(*text)) wrong(ResultCode::injection, pointer, one_line_only);
    }
    if (!file.content_id.empty()) check_message_id(file.content_id, pointer + "/content_id");
    request_.attachments.push_back(std::move(file));
  }
}

void SendReader::check_attachments() {
  if (request_.attachments.size() > attachments_max) {
    wrong(ResultCode::attachment, "/attachments",
          fmt::format("more than {} attachments", attachments_max));
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < request_.attachments.size(); ++i) {
    const auto size = request_.attachments[i].content.size();
    bytes += size;
    if (size <= attachment_bytes_max) continue;
    wrong(ResultCode::attachment, fmt::format("/attachments/{}", i),
          fmt::format("has {} bytes; {} are the limit of one attachment", size,
                      attachment_bytes_max));
  }
  if (bytes <= attachments_bytes_max) return;
  wrong(ResultCode::attachment, "/attachments",
        fmt::format("have {} bytes together; {} are the limit", bytes, attachments_bytes_max));
}

}  // namespace postern::flows
