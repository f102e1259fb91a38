#include "core/bounce.hpp"

#include "core/result_codes.hpp"

#include <algorithm>

namespace postern {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

RecipientResult* find(std::vector<RecipientResult>& results, std::string_view address) {
  const auto found = std::ranges::find_if(
      results, [&](const auto& one) { return same_address(one.address, address); });
  return found == results.end() ? nullptr : &*found;
}

bool is_sent(const RecipientResult& result) {
  return result.result_code == static_cast<int>(ResultCode::sent);
}

/// What the recipients of an ended delivery make together; `bounced` speaks when none is left.
void reckon(DeliveryOutcome& outcome, const RecipientResult& bounced) {
  if (outcome.state != DeliveryState::sent && outcome.state != DeliveryState::failed) return;
  if (std::ranges::any_of(outcome.recipients, is_sent)) {
    outcome.result_code = static_cast<int>(ResultCode::some_recipients_refused);
    return;
  }
  outcome.state = DeliveryState::failed;
  outcome.result_code = static_cast<int>(ResultCode::all_recipients_refused);
  outcome.result_message = bounced.message;
  outcome.smtp_code = bounced.smtp_code;
  outcome.enhanced_code = bounced.enhanced_code;
  outcome.retryable = false;
  outcome.next_attempt_at.reset();
}

/// In the envelope's order.
void put(Delivery& delivery, const RecipientResult& result) {
  auto& known = delivery.outcome.recipients;
  if (auto* there = find(known, result.address)) {
    *there = result;
    return;
  }
  std::vector<RecipientResult> ordered;
  for (const auto& address : delivery.envelope.recipients) {
    if (same_address(address, result.address)) {
      ordered.push_back(result);
    } else if (const auto* there = find(known, address)) {
      ordered.push_back(*there);
    }
  }
  known = std::move(ordered);
}

}  // namespace

bool same_address(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return lower(a) == lower(b); });
}

bool mark_bounced(Delivery& delivery, RecipientResult result) {
  if (delivery.attempts == 0) return false;
  const auto& recipients = delivery.envelope.recipients;
  const auto meant = std::ranges::find_if(
      recipients, [&](const auto& one) { return same_address(one, result.address); });
  if (meant == recipients.end()) return false;
  result.address = *meant;
  const auto* before = find(delivery.outcome.recipients, result.address);
  const auto refused = static_cast<int>(ResultCode::all_recipients_refused);
  const bool came_back = before != nullptr && before->bounced_at;
  if (came_back || (before != nullptr && before->result_code == refused)) return false;
  put(delivery, result);
  reckon(delivery.outcome, result);
  return true;
}

DeliveryOutcome keep_bounces(const DeliveryOutcome& before, DeliveryOutcome fresh) {
  for (const auto& marked : before.recipients) {
    if (!marked.bounced_at) continue;
    if (auto* there = find(fresh.recipients, marked.address)) {
      *there = marked;
    } else {
      fresh.recipients.push_back(marked);
    }
    reckon(fresh, marked);
  }
  return fresh;
}

}  // namespace postern
