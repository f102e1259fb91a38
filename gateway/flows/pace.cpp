#include "flows/pace.hpp"

#include "oauth/providers.hpp"

namespace postern::flows {
namespace {

constexpr Duration window = std::chrono::minutes(1);

}  // namespace

std::optional<int> messages_per_minute(const Outgoing& outgoing) {
  if (outgoing.messages_per_minute) return outgoing.messages_per_minute;
  const auto* provider = oauth::provider_of_smtp_host(outgoing.server.host);
  return provider == nullptr ? std::nullopt : provider->sending.messages_per_minute;
}

Duration Pace::wait(Duration now) {
  if (!limit_) return Duration(0);
  while (!gone_.empty() && now - gone_.front() >= window) gone_.pop_front();
  if (gone_.size() < static_cast<std::size_t>(*limit_)) return Duration(0);
  return window - (now - gone_.front());
}

void Pace::go(Duration now) {
  if (limit_) gone_.push_back(now);
}

void Pace::stay() {
  if (!gone_.empty()) gone_.pop_back();
}

}  // namespace postern::flows
