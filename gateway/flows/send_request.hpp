// What a call of POST /send asks for, and why it is refused.
#pragma once

#include "core/delivery.hpp"
#include "core/mail.hpp"
#include "core/problems.hpp"
#include "core/result_codes.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace postern::flows {

/// Limits of one call; a test reaches each.
constexpr std::size_t recipients_max = 1000;
constexpr std::size_t attachments_max = 100;
constexpr std::size_t attachment_bytes_max = 48 * 1024 * 1024;   // decoded
constexpr std::size_t attachments_bytes_max = 96 * 1024 * 1024;  // of all together
constexpr std::size_t custom_headers_max = 100;
constexpr std::size_t header_value_bytes_max = 8192;
constexpr std::size_t subject_bytes_max = 4096;
constexpr std::size_t text_bytes_max = 32 * 1024 * 1024;  // of text and html each
constexpr std::size_t references_max = 100;
constexpr std::size_t tags_max = 20;
constexpr std::size_t tag_bytes_max = 64;
constexpr Duration timeout_max = std::chrono::minutes(15);

struct SendRequest {
  std::optional<std::string> integration;  // id or name; none: the default one
  bool sync = false;
  std::optional<Duration> timeout;  // of the whole sync call; none: the integration's
  std::optional<MailAddress> from, reply_to;
  std::vector<MailAddress> to, cc, bcc;
  std::string subject;
  std::optional<std::string> text, html;
  std::vector<DraftAttachment> attachments;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> in_reply_to;
  std::vector<std::string> references;
  std::optional<std::string> encoding;  // none: the integration's
  bool strict_encoding = false;
  std::optional<Instant> not_before;
  Priority priority = Priority::normal;
  std::vector<std::string> tags;  // each once
  TransportWishes wishes;
};

/// Why nothing was queued. Becomes a problem with `result_code`.
struct Refusal {
  ResultCode code = ResultCode::bad_request;
  std::string message;
  std::string hint;
  FieldProblems problems;
  bool disk_full = false;    // 507
  bool key_in_use = false;   // 422: the Idempotency-Key was used with another body
  bool key_running = false;  // 409
};

/// Reads the contract's JSON body: every mistake at once, with its pointer; the refusal's code is
/// that of the first (bad_request, bad_address, attachment, injection). `files` are attachments
/// that came beside the JSON, in a form. Variables stand in subject, text, html and header values
/// when it returns.
std::variant<SendRequest, Refusal> parse_send_request(const boost::json::value& json,
                                                      std::vector<DraftAttachment> files = {});

/// A refusal that names one field, or none when `pointer` is empty.
Refusal refusal(ResultCode code, std::string message, std::string hint, std::string pointer = {});

}  // namespace postern::flows
