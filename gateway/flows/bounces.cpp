#include "flows/bounces.hpp"

#include "core/bounce.hpp"
#include "core/result_codes.hpp"
#include "message/bounce.hpp"
#include "message/domain.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

/// The delivery's own spelling of the recipient, or nothing when it is none of it.
std::optional<std::string> recipient_of(const Delivery& delivery, const std::string& address) {
  const auto wanted = message::with_ascii_domain(address);
  const auto& all = delivery.envelope.recipients;
  const auto found =
      std::ranges::find_if(all, [&](const auto& one) { return same_address(one, wanted); });
  if (found == all.end()) return std::nullopt;
  return *found;
}

RecipientResult result_of(const BouncedRecipient& told, Instant at) {
  RecipientResult result;
  result.result_code = static_cast<int>(ResultCode::all_recipients_refused);
  result.smtp_code = message::reply_code_in(told.diagnostic);
  result.enhanced_code = told.status;
  result.message = told.diagnostic.empty() ? "it came back: " + told.status : told.diagnostic;
  result.bounced_at = at;
  return result;
}

}  // namespace

bool may_tell_of(const Delivery& delivery, IntegrationId integration, const MessageSummary& seen) {
  if (delivery.integration == integration) return true;
  const auto& sender = delivery.envelope.sender;
  const auto is_sender = [&](const std::string& address) {
    return same_address(message::with_ascii_domain(address), sender);
  };
  return std::ranges::any_of(seen.envelope_recipients, is_sender) ||
         std::ranges::any_of(seen.to, [&](const auto& one) { return is_sender(one.address); });
}

std::vector<storage::BounceMark> marks_of(const Delivery& delivery, const BounceSummary& bounce,
                                          MessageId message, Instant at) {
  std::vector<storage::BounceMark> marks;
  for (const auto& told : bounce.recipients) {
    if (told.action != "failed") continue;
    const auto recipient = recipient_of(delivery, told.address);
    if (!recipient) continue;
    storage::BounceMark mark;
    mark.result = result_of(told, at);
    mark.result.address = *recipient;
    mark.event.kind = "message.bounced";
    mark.event.integration = delivery.integration;
    mark.event.at = at;
    mark.event.message = *recipient + ": " + mark.result.message;
    mark.event.data["delivery"] = delivery.id.str();
    mark.event.data["message"] = message.str();
    mark.event.data["message_id"] = delivery.message_id;
    mark.event.data["recipient"] = *recipient;
    mark.event.data["status"] = told.status;
    mark.event.data["diagnostic"] = told.diagnostic;
    marks.push_back(std::move(mark));
  }
  return marks;
}

net::Task<Result<void>> settle_bounce(Context& context, IntegrationId integration,
                                      MessageId message, MessageSummary& seen) {
  if (!seen.bounce || !seen.bounce->original_message_id) co_return success();
  POSTERN_CO_TRY(const auto sent, co_await context.store.deliveries().of_message_id(
                                      *seen.bounce->original_message_id));
  for (const auto& delivery : sent) {
    if (!may_tell_of(delivery, integration, seen)) continue;
    if (!seen.bounce->delivery) seen.bounce->delivery = delivery.id.str();
    auto marks = marks_of(delivery, *seen.bounce, message, context.env.now());
    if (marks.empty()) continue;
    seen.bounce->delivery = delivery.id.str();
    POSTERN_CO_TRY(
        co_await context.store.deliveries().record_bounce(delivery.id, std::move(marks)));
  }
  co_return success();
}

}  // namespace postern::flows
