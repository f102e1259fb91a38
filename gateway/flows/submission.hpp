// Submission: from a call of POST /send to the durable promise (queue) or to its end (sync).
#pragma once

#include "core/mail.hpp"
#include "core/problems.hpp"
#include "core/result_codes.hpp"
#include "flows/context.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::flows {

struct SendRequest {
  std::optional<std::string> integration;  // id or name; none: the default one
  bool sync = false;
  Duration timeout{60000};
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

/// Limits of one call; a test reaches each.
constexpr std::size_t recipients_max = 1000;
constexpr std::size_t attachments_max = 100;
constexpr std::size_t custom_headers_max = 100;

/// Reads the contract's JSON body: every mistake at once, with its pointer; the refusal's code is
/// that of the first (bad_request, bad_address, attachment, injection).
std::variant<SendRequest, Refusal> parse_send_request(const boost::json::value& json);

struct SendAnswer {
  Delivery delivery;
  bool replayed = false;
};

class Hub;

/// Composes in a worker, stores, and wakes the integration's outbound; in sync mode waits for the
/// end of the one attempt, at most request.timeout. From any executor.
net::Task<std::variant<SendAnswer, Refusal>> submit(
    Hub& hub, SendRequest request, std::optional<storage::IdempotencyKey> idempotency);

}  // namespace postern::flows
