#include "flows/recipients.hpp"

#include "core/result_codes.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace postern::flows {
namespace {

constexpr int sent = static_cast<int>(ResultCode::sent);
constexpr int unknown = static_cast<int>(ResultCode::outcome_unknown);
constexpr int partial = static_cast<int>(ResultCode::some_recipients_refused);

const RecipientResult* find(const std::vector<RecipientResult>& results,
                            const std::string& address) {
  const auto found = std::find_if(results.begin(), results.end(),
                                  [&](const auto& result) { return result.address == address; });
  return found == results.end() ? nullptr : &*found;
}

bool is_sent(const RecipientResult& result) {
  return result.result_code == sent;
}

bool is_unknown(const RecipientResult& result) {
  return result.result_code == unknown;
}

std::vector<RecipientResult> all_results(const Delivery& delivery,
                                         const std::vector<RecipientResult>& fresh) {
  std::vector<RecipientResult> all;
  for (const auto& address : delivery.envelope.recipients) {
    const auto* before = find(delivery.outcome.recipients, address);
    const auto* now = find(fresh, address);
    const bool settled = before != nullptr && is_settled(*before);
    if (now != nullptr && !settled) {
      all.push_back(*now);
    } else if (before != nullptr) {
      all.push_back(*before);
    }
  }
  return all;
}

}  // namespace

bool is_settled(const RecipientResult& result) {
  constexpr std::array ends = {ResultCode::sent, ResultCode::sender_refused,
                               ResultCode::all_recipients_refused, ResultCode::content_refused,
                               ResultCode::outcome_unknown};
  return std::any_of(ends.begin(), ends.end(),
                     [&](ResultCode code) { return result.result_code == static_cast<int>(code); });
}

Envelope open_envelope(const Delivery& delivery) {
  Envelope envelope;
  envelope.sender = delivery.envelope.sender;
  // One that is due while its outcome is unknown is sent again to whom it may have reached.
  const bool again = delivery.outcome.state == DeliveryState::unknown;
  for (const auto& address : delivery.envelope.recipients) {
    const auto* result = find(delivery.outcome.recipients, address);
    const bool open = result == nullptr || !is_settled(*result) || (again && is_unknown(*result));
    if (open) envelope.recipients.push_back(address);
  }
  return envelope;
}

std::size_t fitting(const Envelope& envelope, const smtp::ServerLimits& limits) {
  const auto& all = envelope.recipients;
  std::size_t count = all.size();
  if (limits.recipients) count = std::min<std::uint64_t>(count, *limits.recipients);
  if (!limits.recipient_domains) return count;
  std::set<std::string> domains;
  for (std::size_t i = 0; i < count; ++i) {
    std::string domain = all[i].substr(std::min(all[i].rfind('@'), all[i].size()));
    std::transform(domain.begin(), domain.end(), domain.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    domains.insert(std::move(domain));
    if (domains.size() > *limits.recipient_domains) return i;
  }
  return count;
}

DeliveryOutcome together(const Delivery& delivery, DeliveryOutcome attempt) {
  attempt.recipients = all_results(delivery, attempt.recipients);
  const bool ended = attempt.state == DeliveryState::sent || attempt.state == DeliveryState::failed;
  if (!ended) return attempt;
  const auto& all = attempt.recipients;
  const auto lost = std::find_if(all.begin(), all.end(), is_unknown);
  if (lost != all.end()) {  // of an earlier attempt: whether he got it stays to be told
    attempt.state = DeliveryState::unknown;
    attempt.result_code = unknown;
    attempt.result_message = lost->message;
    attempt.smtp_code = 0;
    attempt.enhanced_code.clear();
    attempt.retryable = false;
    attempt.next_attempt_at.reset();
    return attempt;
  }
  if (std::none_of(all.begin(), all.end(), is_sent)) return attempt;
  attempt.state = DeliveryState::sent;
  attempt.result_code = std::all_of(all.begin(), all.end(), is_sent) ? sent : partial;
  attempt.retryable = false;
  attempt.next_attempt_at.reset();
  return attempt;
}

}  // namespace postern::flows
