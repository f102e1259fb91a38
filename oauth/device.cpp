// See device.hpp.
#include "oauth/device.hpp"

#include "core/json_text.hpp"

#include <algorithm>

namespace postern::oauth {
namespace {

constexpr std::chrono::seconds slow_down_step{5};
constexpr std::chrono::seconds interval_max{60};
constexpr std::int64_t life_s_max = 3600;

}  // namespace

Result<DeviceCodes> read_device_answer(const net::HttpResponse& response) {
  const auto answer = read_object(response.body);
  if (!answer || answer->contains("error") || response.status != 200) {
    const auto read = read_token_answer(response);
    if (const auto* fault = std::get_if<TokenFault>(&read)) return to_error(*fault);
    return Error{errc::unavailable, "the device authorization endpoint answered something else"};
  }
  DeviceCodes codes;
  codes.device_code = Secret(json_text(*answer, "device_code"));
  codes.user_code = json_text(*answer, "user_code");
  codes.verification_uri = json_text(*answer, "verification_uri");
  if (codes.verification_uri.empty())
    codes.verification_uri = json_text(*answer, "verification_url");
  codes.verification_uri_complete = json_text(*answer, "verification_uri_complete");
  if (codes.device_code.empty() || codes.user_code.empty() || codes.verification_uri.empty()) {
    return Error{errc::unavailable, "the device authorization endpoint gave no codes"};
  }
  const auto life = number_in(*answer, "expires_in");
  if (life && *life > 0) codes.expires_in = std::chrono::seconds(std::min(*life, life_s_max));
  const auto interval = number_in(*answer, "interval");
  if (interval && *interval > 0) {
    codes.interval = std::min(std::chrono::seconds(*interval), interval_max);
  }
  return codes;
}

bool DevicePace::after(const TokenFault& fault) {
  switch (fault.kind) {
    case FaultKind::pending:
      return true;
    case FaultKind::slow_down:
      interval_ = std::min(interval_ + slow_down_step, interval_max);
      return true;
    case FaultKind::transient:
      interval_ = std::min(interval_ * 2, interval_max);
      return true;
    case FaultKind::consent:
    case FaultKind::app:
    case FaultKind::ended:
      break;
  }
  return false;
}

}  // namespace postern::oauth
