// Device authorization: a code that a person enters on another device, while we ask for the token.
// RFC 8628.
#pragma once

#include "oauth/token_answer.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace postern::oauth {

struct DeviceCodes {
  Secret device_code;
  std::string user_code, verification_uri, verification_uri_complete;  // the last may be empty
  std::chrono::seconds expires_in{900};
  std::chrono::seconds interval{5};
};

/// What the device authorization endpoint answered. Errors: as to_error() of a token endpoint's;
/// unavailable when a field is missing. Source: RFC 8628 §3.2.
Result<DeviceCodes> read_device_answer(const net::HttpResponse& response);

/// How long to wait for the next question: five seconds more at each slow_down, twice as long when
/// the server was not there. Source: RFC 8628 §3.5.
class DevicePace {
 public:
  explicit DevicePace(std::chrono::seconds interval) : interval_(interval) {}
  std::chrono::seconds interval() const { return interval_; }
  /// True: ask again. False: it is over.
  bool after(const TokenFault& fault);

 private:
  std::chrono::seconds interval_;
};

}  // namespace postern::oauth
