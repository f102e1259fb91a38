// The body of POST /send, read strictly: every mistake at once.
#include "flows/send_request.hpp"

#include "flows/send_reader.hpp"
#include "message/draft_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t message_id_bytes_max = 998;

bool same_header(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

}  // namespace

bool leaves_its_line(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

void SendReader::wrong(ResultCode code, std::string pointer, std::string detail) {
  if (!code_) code_ = code;
  problems_.push_back({std::move(pointer), std::move(detail)});
}

std::optional<std::string> SendReader::unchecked_text(std::string_view name,
                                                      std::size_t bytes_max) {
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

void SendReader::read_variables() {
  const auto* json = fields_.object("variables");
  if (json == nullptr) return;
  variables_ = read_template_variables(*json, fields_.pointer("variables"), problems_);
}

/// With variables in the call, `text` is a template.
void SendReader::expand(std::string& text, TemplateEscape escape, std::size_t bytes_max,
                        const std::string& pointer) {
  if (!variables_) return;
  auto expanded = expand_template(text, *variables_, escape, bytes_max);
  for (auto& mistake : expanded.mistakes) {
    wrong(ResultCode::bad_request, pointer, std::move(mistake));
  }
  if (expanded.mistakes.empty()) text = std::move(expanded.text);
}

void SendReader::read_content() {
  if (auto subject = unchecked_text("subject", subject_bytes_max)) {
    expand(*subject, TemplateEscape::none, subject_bytes_max, "/subject");
    if (leaves_its_line(*subject)) {
      wrong(ResultCode::injection, "/subject", one_line_only);
    }
    request_.subject = std::move(*subject);
  }
  request_.text = unchecked_text("text", text_bytes_max);
  request_.html = unchecked_text("html", text_bytes_max);
  auto body = unchecked_text("body", text_bytes_max);
  bool html = false;
  fields_.choice("format", html, {Choice<bool>{"plain", false}, Choice<bool>{"html", true}});
  const bool has_body = body.has_value();
  if (has_body && (request_.text || request_.html)) {
    fields_.problem("body", "stands for text or html: give one or the other");
  } else if (has_body) {
    (html ? request_.html : request_.text) = std::move(body);
  } else if (fields_.has("format")) {
    fields_.problem("format", "belongs to body, which is missing");
  }
  if (request_.text) {
    expand(*request_.text, TemplateEscape::none, text_bytes_max, has_body ? "/body" : "/text");
  }
  if (request_.html) {
    expand(*request_.html, TemplateEscape::html, text_bytes_max, has_body ? "/body" : "/html");
  }
}

void SendReader::read_headers() {
  const auto* headers = fields_.object("headers");
  if (headers == nullptr) return;
  if (headers->size() > custom_headers_max) {
    return fields_.problem("headers", fmt::format("more than {} fields", custom_headers_max));
  }
  for (const auto& [name, value] : *headers) read_header(name, value);
}

void SendReader::read_header(std::string_view name, const boost::json::value& value) {
  const auto pointer = "/headers" + pointer_segment(name);
  if (const auto named = message::check_header_name(name); !named) {
    return wrong(ResultCode::bad_request, pointer, named.error().detail);
  }
  if (!value.is_string()) return problems_.push_back({pointer, "must be a string"});
  std::string text(value.get_string());
  expand(text, TemplateEscape::none, header_value_bytes_max, pointer);
  if (leaves_its_line(text)) {
    wrong(ResultCode::injection, pointer, one_line_only);
  } else if (text.size() > header_value_bytes_max) {
    problems_.push_back({pointer, fmt::format("is longer than {} bytes", header_value_bytes_max)});
  } else if (fields_.has("priority") &&
             (same_header(name, "x-priority") || same_header(name, "importance"))) {
    problems_.push_back({pointer, "is what priority writes: give one of the two"});
  } else {
    request_.headers.emplace_back(std::string(name), std::move(text));
  }
}

void SendReader::check_message_id(std::string_view id, const std::string& pointer) {
  const auto good = message::check_message_id("it", id);
  if (good) return;
  if (leaves_its_line(id)) return wrong(ResultCode::injection, pointer, one_line_only);
  wrong(ResultCode::bad_request, pointer, "must be a message id such as <abc@example.com>");
}

void SendReader::read_threading() {
  request_.in_reply_to = unchecked_text("in_reply_to", message_id_bytes_max);
  if (request_.in_reply_to && request_.in_reply_to->empty()) request_.in_reply_to.reset();
  if (request_.in_reply_to) check_message_id(*request_.in_reply_to, "/in_reply_to");
  const auto* references = fields_.array("references");
  if (references == nullptr) return;
  if (references->size() > references_max) {
    return fields_.problem("references", fmt::format("more than {}", references_max));
  }
  for (std::size_t i = 0; i < references->size(); ++i) {
    const auto pointer = fmt::format("/references/{}", i);
    if (!(*references)[i].is_string()) {
      problems_.push_back({pointer, "must be a string"});
      continue;
    }
    std::string id((*references)[i].get_string());
    check_message_id(id, pointer);
    request_.references.push_back(std::move(id));
  }
}

void SendReader::read_schedule() {
  fields_.text("integration", request_.integration, {.bytes_max = 255});
  fields_.choice("mode", request_.sync, {Choice<bool>{"queue", false}, Choice<bool>{"sync", true}});
  std::optional<std::int64_t> timeout_ms;
  fields_.integer("timeout_ms", timeout_ms, 1, timeout_max.count());
  if (timeout_ms) request_.timeout = Duration(*timeout_ms);
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

/// What is kept with the delivery, beside the mail.
void SendReader::read_marks() {
  fields_.choice(
      "priority", request_.priority,
      {Choice<Priority>{"high", Priority::high}, Choice<Priority>{"normal", Priority::normal},
       Choice<Priority>{"low", Priority::low}});
  std::vector<std::string> tags;
  fields_.texts("tags", tags, {.bytes_max = tag_bytes_max, .required = true}, tags_max);
  for (auto& tag : tags) {
    if (std::ranges::find(request_.tags, tag) == request_.tags.end()) {
      request_.tags.push_back(std::move(tag));
    }
  }
}

/// What is asked of the servers behind ours.
void SendReader::read_wishes() {
  fields_.boolean("require_tls", request_.wishes.require_tls);
  const auto* object = fields_.object("dsn");
  if (object == nullptr) return;
  JsonFields fields(*object, fields_.pointer("dsn"), problems_);
  auto& dsn = request_.wishes.dsn;
  std::vector<std::string> texts;
  fields.texts("notify", texts, {.bytes_max = 16, .required = true}, 4);
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  const auto notify = parse_notify(words);
  if (!words.empty() && !notify) {
    fields.problem("notify", "must be [\"never\"], or some of success, failure and delay");
  }
  dsn.notify = notify.value_or(DsnNotify());
  using Return = DsnRequest::Return;
  fields.choice("ret", dsn.returned,
                {Choice<Return>{"headers", Return::headers}, Choice<Return>{"full", Return::full}});
  fields.text("envid", dsn.envelope_id, {.bytes_max = envelope_id_bytes_max});
  if (!valid_envelope_id(dsn.envelope_id)) {
    fields.problem("envid", "must be of visible ASCII characters and blanks");
  }
  fields.finish();
  // Whoever asks is told of the address that he wrote, wherever the mail was forwarded to.
  dsn.original_recipients = dsn.asks();
}

std::variant<SendRequest, Refusal> SendReader::read() {
  read_variables();
  read_schedule();
  read_marks();
  read_wishes();
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

std::variant<SendRequest, Refusal> parse_send_request(const boost::json::value& json,
                                                      std::vector<DraftAttachment> files) {
  FieldProblems problems;
  const auto* object = root_object(json, problems);
  if (object != nullptr) return SendReader(*object, std::move(files)).read();
  auto refused = refusal(ResultCode::bad_request, problems.front().detail,
                         "Send the fields of SendRequest; /openapi.json describes them.");
  refused.problems = std::move(problems);
  return refused;
}

Refusal refusal(ResultCode code, std::string message, std::string hint, std::string pointer) {
  Refusal result;
  result.code = code;
  result.message = std::move(message);
  result.hint = std::move(hint);
  if (!pointer.empty()) result.problems.push_back({std::move(pointer), result.message});
  return result;
}

}  // namespace postern::flows
