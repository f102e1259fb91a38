// A delivery as the API shows it, and the words of the states.
#include "core/delivery.hpp"
#include "core/result_codes.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::array delivery_states = {
    DeliveryState::queued,  DeliveryState::sending, DeliveryState::sent,     DeliveryState::failed,
    DeliveryState::unknown, DeliveryState::held,    DeliveryState::cancelled};
constexpr std::array handover_states = {HandoverState::waiting, HandoverState::acknowledged,
                                        HandoverState::parked, HandoverState::cancelled};

constexpr std::array priorities = {Priority::high, Priority::normal, Priority::low};

bool is_success(int result_code) {
  return result_code == static_cast<int>(ResultCode::sent) ||
         result_code == static_cast<int>(ResultCode::queued) ||
         result_code == static_cast<int>(ResultCode::some_recipients_refused);
}

boost::json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::string(text);
}

boost::json::value code_or_null(int code) {
  if (code == 0) return nullptr;
  return code;
}

boost::json::object to_json(const RecipientResult& recipient) {
  boost::json::object json{{"address", recipient.address},
                           {"result_code", recipient.result_code},
                           {"smtp_code", code_or_null(recipient.smtp_code)},
                           {"enhanced_code", or_null(recipient.enhanced_code)},
                           {"message", recipient.message},
                           {"bounced_at", nullptr}};
  if (recipient.bounced_at) json["bounced_at"] = to_rfc3339(*recipient.bounced_at);
  return json;
}

boost::json::array recipients_of(const Delivery& delivery) {
  boost::json::array out;
  for (const auto& recipient : delivery.outcome.recipients) out.push_back(to_json(recipient));
  for (const auto& address : delivery.envelope.recipients) {
    const bool listed = std::ranges::any_of(
        delivery.outcome.recipients, [&](const auto& known) { return known.address == address; });
    RecipientResult waiting;
    waiting.address = address;
    if (!listed) out.push_back(to_json(waiting));
  }
  return out;
}

}  // namespace

std::string_view to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::queued:
      return "queued";
    case DeliveryState::sending:
      return "sending";
    case DeliveryState::sent:
      return "sent";
    case DeliveryState::failed:
      return "failed";
    case DeliveryState::unknown:
      return "unknown";
    case DeliveryState::held:
      return "held";
    case DeliveryState::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(HandoverState state) {
  switch (state) {
    case HandoverState::waiting:
      return "waiting";
    case HandoverState::acknowledged:
      return "acknowledged";
    case HandoverState::parked:
      return "parked";
    case HandoverState::cancelled:
      return "cancelled";
  }
  return "waiting";
}

std::string_view to_string(Priority priority) {
  switch (priority) {
    case Priority::high:
      return "high";
    case Priority::normal:
      return "normal";
    case Priority::low:
      return "low";
  }
  return "normal";
}

std::optional<Priority> parse_priority(std::string_view text) {
  for (const auto priority : priorities) {
    if (to_string(priority) == text) return priority;
  }
  return std::nullopt;
}

std::optional<DeliveryState> parse_delivery_state(std::string_view text) {
  for (const auto state : delivery_states) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

std::optional<HandoverState> parse_handover_state(std::string_view text) {
  for (const auto state : handover_states) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

boost::json::object to_json(const Delivery& delivery) {
  const auto& outcome = delivery.outcome;
  boost::json::object json;
  json["id"] = delivery.id.str();
  json["message_id"] = delivery.message_id;
  json["state"] = to_string(outcome.state);
  json["success"] = is_success(outcome.result_code);
  json["partial"] = outcome.result_code == static_cast<int>(ResultCode::some_recipients_refused);
  json["result_code"] = outcome.result_code;
  json["result_message"] = outcome.result_message.empty()
                               ? describe(static_cast<ResultCode>(outcome.result_code))
                               : std::string_view(outcome.result_message);
  json["smtp_code"] = code_or_null(outcome.smtp_code);
  json["enhanced_code"] = or_null(outcome.enhanced_code);
  json["retryable"] = outcome.retryable;
  json["attempts"] = delivery.attempts;
  json["next_attempt_at"] = nullptr;
  if (outcome.next_attempt_at) json["next_attempt_at"] = to_rfc3339(*outcome.next_attempt_at);
  json["integration"] = delivery.integration.str();
  json["per_recipient"] = recipients_of(delivery);
  json["possibly_duplicated"] = delivery.possibly_duplicated;
  json["notes"] = boost::json::array(delivery.notes.begin(), delivery.notes.end());
  json["priority"] = to_string(delivery.priority);
  json["tags"] = boost::json::array(delivery.tags.begin(), delivery.tags.end());
  json["needs_smtputf8"] = delivery.needs_smtputf8;
  json["dsn"] = to_json(delivery.wishes.dsn);
  json["require_tls"] = delivery.wishes.require_tls;
  json["mode"] = delivery.sync ? "sync" : "queue";
  json["envelope_sender"] = delivery.envelope.sender;
  json["subject"] = delivery.subject;
  json["size_bytes"] = delivery.size_bytes;
  json["created_at"] = to_rfc3339(delivery.created_at);
  return json;
}

}  // namespace postern
