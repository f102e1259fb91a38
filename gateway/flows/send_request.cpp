// The body of POST /send, read strictly: every mistake at once.
#include "core/base64.hpp"
#include "core/json_fields.hpp"
#include "flows/submission.hpp"
#include "message/address.hpp"
#include "message/draft_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t text_bytes_max = 32 * 1024 * 1024;
constexpr std::size_t subject_bytes_max = 4096;
constexpr std::size_t header_value_bytes_max = 8192;
constexpr std::int64_t timeout_ms_max = 900'000;

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// Reads one body; remembers the most telling result code of what is wrong.
class Reader {
 public:
  explicit Reader(const boost::json::object& object) : fields_(object, "", problems_) {}

  std::variant<SendRequest, Refusal> read();

 private:
  void read_addresses();
  void read_content();
  void read_attachments();
  void read_attachment(const boost::json::object& object, const std::string& pointer);
  void read_headers();
  void read_threading();
  void read_schedule();
  void addresses(std::string_view name, std::vector<MailAddress>& out);
  void address(std::string_view name, std::optional<MailAddress>& out);
  std::optional<std::string> unchecked_text(std::string_view name, std::size_t bytes_max);
  void wrong(ResultCode code, std::string pointer, std::string detail);

  FieldProblems problems_;
  JsonFields fields_;
  SendRequest request_;
  std::optional<ResultCode> code_;
};

void Reader::wrong(ResultCode code, std::string pointer, std::string detail) {
  if (!code_) code_ = code;
  problems_.push_back({std::move(pointer), std::move(detail)});
}

std::optional<std::string> Reader::unchecked_text(std::string_view name, std::size_t bytes_max) {
  const auto* value = fields_.any(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) {
    fields_.problem(name, "must be a string");
    return std::nullopt;
  }
  const auto& text = value->get_string();
  if (text.size() > bytes_max) {
    fields_.problem(name, fmt::format("is longer than {} bytes", bytes_max));
    return std::nullopt;
  }
  return std::string(text);
}

void Reader::addresses(std::string_view name, std::vector<MailAddress>& out) {
  const auto* value = fields_.any(name);
  if (value == nullptr || value->is_null()) return;
  const auto add = [&](std::string_view text, std::string pointer) {
    auto parsed = message::parse_address_list(text);
    if (!parsed) return wrong(ResultCode::bad_address, std::move(pointer), parsed.error().detail);
    std::move(parsed.value().begin(), parsed.value().end(), std::back_inserter(out));
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

void Reader::address(std::string_view name, std::optional<MailAddress>& out) {
  const auto text = unchecked_text(name, header_value_bytes_max);
  if (!text || text->empty()) return;
  auto parsed = message::parse_address(*text);
  if (!parsed) return wrong(ResultCode::bad_address, fields_.pointer(name), parsed.error().detail);
  out = std::move(parsed).value();
}

void Reader::read_addresses() {
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

void Reader::read_content() {
  if (auto subject = unchecked_text("subject", subject_bytes_max)) {
    if (has_line_break(*subject)) {
      wrong(ResultCode::injection, "/subject", "must be one line, without NUL");
    }
    request_.subject = std::move(*subject);
  }
  request_.text = unchecked_text("text", text_bytes_max);
  request_.html = unchecked_text("html", text_bytes_max);
  auto body = unchecked_text("body", text_bytes_max);
  bool html = false;
  fields_.choice("format", html, {Choice<bool>{"plain", false}, Choice<bool>{"html", true}});
  if (body && (request_.text || request_.html)) {
    fields_.problem("body", "stands for text or html: give one or the other");
  } else if (body) {
    (html ? request_.html : request_.text) = std::move(body);
  } else if (fields_.has("format")) {
    fields_.problem("format", "belongs to body, which is missing");
  }
}

void Reader::read_attachment(const boost::json::object& object, const std::string& pointer) {
  JsonFields fields(object, pointer, problems_);
  DraftAttachment attachment;
  fields.text("filename", attachment.filename, {.bytes_max = 255, .required = true});
  attachment.content_type = "application/octet-stream";
  fields.text("content_type", attachment.content_type, {.bytes_max = 255});
  std::optional<std::string> content_id;
  fields.text("content_id", content_id, {.bytes_max = 255});
  attachment.content_id = content_id.value_or("");
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

void Reader::read_attachments() {
  const auto* items = fields_.array("attachments");
  if (items == nullptr) return;
  if (items->size() > attachments_max) {
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

void Reader::read_headers() {
  const auto* headers = fields_.object("headers");
  if (headers == nullptr) return;
  if (headers->size() > custom_headers_max) {
    return fields_.problem("headers", fmt::format("more than {} fields", custom_headers_max));
  }
  for (const auto& [name, value] : *headers) {
    const auto pointer = "/headers" + pointer_segment(name);
    if (!value.is_string()) {
      problems_.push_back({pointer, "must be a string"});
      continue;
    }
    const std::string_view text = value.get_string();
    if (const auto named = message::check_header_name(name); !named) {
      wrong(ResultCode::bad_request, pointer, named.error().detail);
    } else if (has_line_break(text)) {
      wrong(ResultCode::injection, pointer, "must be one line, without NUL");
    } else if (text.size() > header_value_bytes_max) {
      problems_.push_back(
          {pointer, fmt::format("is longer than {} bytes", header_value_bytes_max)});
    } else {
      request_.headers.emplace_back(std::string(name), std::string(text));
    }
  }
}

void Reader::read_threading() {
  request_.in_reply_to = unchecked_text("in_reply_to", 998);
  if (request_.in_reply_to && has_line_break(*request_.in_reply_to)) {
    wrong(ResultCode::injection, "/in_reply_to", "must be one line, without NUL");
  }
  const auto* references = fields_.array("references");
  if (references == nullptr) return;
  for (std::size_t i = 0; i < references->size(); ++i) {
    const auto pointer = fmt::format("/references/{}", i);
    if (!(*references)[i].is_string()) {
      problems_.push_back({pointer, "must be a string"});
      continue;
    }
    std::string text((*references)[i].get_string());
    if (has_line_break(text)) wrong(ResultCode::injection, pointer, "must be one line");
    request_.references.push_back(std::move(text));
  }
}

void Reader::read_schedule() {
  fields_.text("integration", request_.integration, {.bytes_max = 255});
  fields_.choice("mode", request_.sync, {Choice<bool>{"queue", false}, Choice<bool>{"sync", true}});
  std::int64_t timeout_ms = request_.timeout.count();
  fields_.integer("timeout_ms", timeout_ms, 1, timeout_ms_max);
  request_.timeout = Duration(timeout_ms);
  fields_.text("encoding", request_.encoding, {.bytes_max = 64});
  fields_.boolean("strict_encoding", request_.strict_encoding);
  std::optional<std::string> not_before;
  if (fields_.text("not_before", not_before, {.bytes_max = 64}) && not_before) {
    request_.not_before = parse_rfc3339(*not_before);
    if (!request_.not_before) {
      fields_.problem("not_before", "must be a time such as 2026-01-31T09:00:00Z");
    } else if (request_.sync) {
      fields_.problem("not_before", "can't be kept in sync mode; leave one of the two out");
    }
  }
}

std::variant<SendRequest, Refusal> Reader::read() {
  read_schedule();
  read_addresses();
  read_content();
  read_attachments();
  read_headers();
  read_threading();
  fields_.finish();
  if (problems_.empty()) return std::move(request_);
  Refusal refusal;
  refusal.code = code_.value_or(ResultCode::bad_request);
  refusal.message = fmt::format("{}: {}", problems_.front().pointer, problems_.front().detail);
  refusal.hint = "Correct the fields named in errors; nothing was queued.";
  refusal.problems = std::move(problems_);
  return refusal;
}

}  // namespace

std::variant<SendRequest, Refusal> parse_send_request(const boost::json::value& json) {
  FieldProblems problems;
  const auto* object = root_object(json, problems);
  if (object != nullptr) return Reader(*object).read();
  Refusal refusal;
  refusal.message = problems.front().detail;
  refusal.problems = std::move(problems);
  return refusal;
}

}  // namespace postern::flows
