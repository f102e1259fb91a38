// Deliveries and refusals, made into answers.
#include "web/delivery_resource.hpp"

#include "core/utf8.hpp"
#include "storage/errc.hpp"
#include "web/json_body.hpp"

#include <algorithm>

namespace postern::web {
namespace {

struct Kind {
  int status;
  std::string_view code;
};

Kind kind_of(ResultCode code) {
  switch (code) {
    case ResultCode::bad_request:
    case ResultCode::bad_address:
    case ResultCode::attachment:
    case ResultCode::charset:
    case ResultCode::injection:
      return {400, "invalid"};
    case ResultCode::no_integration:
      return {400, "no_such_integration"};
    case ResultCode::from_not_allowed:
      return {400, "from_not_allowed"};
    case ResultCode::integration_disabled:
      return {409, "integration_disabled"};
    case ResultCode::outgoing_off:
      return {409, "outgoing_off"};
    case ResultCode::suppressed:
      return {409, "suppressed"};
    case ResultCode::frequency_limit:
      return {429, "frequency_limit"};
    case ResultCode::sent:
    case ResultCode::queued:
    case ResultCode::dns:
    case ResultCode::unreachable:
    case ResultCode::connect_timeout:
    case ResultCode::tls_handshake:
    case ResultCode::certificate:
    case ResultCode::starttls_not_offered:
    case ResultCode::not_smtp:
    case ResultCode::login_refused:
    case ResultCode::token_refresh:
    case ResultCode::no_mechanism:
    case ResultCode::login_deferred:
    case ResultCode::sender_refused:
    case ResultCode::all_recipients_refused:
    case ResultCode::some_recipients_refused:
    case ResultCode::content_refused:
    case ResultCode::retries_ended:
    case ResultCode::rate_limited:
    case ResultCode::time_budget:
    case ResultCode::outcome_unknown:
    case ResultCode::cancelled:
    case ResultCode::internal:
      break;
  }
  return {500, "internal"};
}

boost::json::value or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return boost::json::string(*text);
}

Problem basis(const flows::Refusal& refusal) {
  if (refusal.disk_full) return Error{make_error_code(storage::errc::disk_full), ""};
  if (refusal.key_in_use) return Error{make_error_code(storage::errc::key_in_use), ""};
  if (refusal.key_running) return Error{make_error_code(storage::errc::key_running), ""};
  const auto kind = kind_of(refusal.code);
  return {kind.status, std::string(kind.code), refusal.message, refusal.hint};
}

}  // namespace

Response delivery_response(const Delivery& delivery, int status) {
  return json_response(to_json(delivery), status);
}

boost::json::array history_json(const std::vector<storage::DeliveryAttempt>& attempts) {
  boost::json::array items;
  for (const auto& attempt : attempts) {
    boost::json::object item;
    item["number"] = attempt.number;
    item["began_at"] = to_rfc3339(attempt.began_at);
    item["ended_at"] = nullptr;
    if (attempt.ended_at) item["ended_at"] = to_rfc3339(*attempt.ended_at);
    item["state"] = attempt.state;
    item["result_code"] = attempt.result_code;
    item["result_message"] = attempt.result_message;
    item["transcript"] = attempt.has_transcript;
    items.push_back(std::move(item));
  }
  return items;
}

Response preview_response(const flows::SendPreview& preview) {
  const auto& mail = preview.mail;
  const auto& seen = preview.seen;
  boost::json::array headers, attachments;
  for (const auto& [name, value] : seen.headers) headers.push_back(boost::json::array{name, value});
  for (const auto& each : seen.attachments) {
    attachments.push_back({{"filename", each.filename},
                           {"content_type", each.content_type},
                           {"size_bytes", each.size_bytes},
                           {"content_id", each.content_id},
                           {"inline", each.inline_disposition}});
  }
  const auto& recipients = preview.envelope.recipients;
  boost::json::object envelope;
  envelope["sender"] = preview.envelope.sender;
  envelope["recipients"] = boost::json::array(recipients.begin(), recipients.end());
  boost::json::object json;
  json["integration"] = preview.integration.str();
  json["message_id"] = mail.message_id;
  json["envelope"] = std::move(envelope);
  json["headers"] = std::move(headers);
  json["text"] = or_null(seen.text);
  json["html"] = or_null(seen.html);
  json["attachments"] = std::move(attachments);
  json["size_bytes"] = mail.bytes.size();
  json["needs_smtputf8"] = mail.needs_smtputf8;
  json["notes"] = boost::json::array(mail.notes.begin(), mail.notes.end());
  json["raw"] = to_valid_utf8(cut_utf8(mail.bytes, preview_raw_bytes_max));
  json["raw_truncated"] = mail.bytes.size() > preview_raw_bytes_max;
  return json_response(json);
}

Delivery as_queued(Delivery delivery, std::optional<Instant> not_before) {
  delivery.attempts = 0;
  delivery.unknown_attempts = 0;
  delivery.possibly_duplicated = false;
  delivery.outcome = {};
  delivery.outcome.next_attempt_at =
      std::max(delivery.created_at, not_before.value_or(delivery.created_at));
  return delivery;
}

Problem to_problem(const flows::Refusal& refusal) {
  auto problem = basis(refusal);
  problem.errors = refusal.problems;
  problem.result_code = static_cast<int>(refusal.code);
  return problem;
}

}  // namespace postern::web
