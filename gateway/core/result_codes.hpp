// The contract's result codes of sending, stable for ever.
#pragma once

#include <string_view>

namespace postern {

enum class ResultCode {
  sent = 0,
  queued = 1,
  bad_request = 10,
  bad_address = 11,
  attachment = 12,
  charset = 13,
  injection = 14,
  no_integration = 20,
  integration_disabled = 21,
  outgoing_off = 22,
  from_not_allowed = 23,
  dns = 30,
  unreachable = 31,
  connect_timeout = 32,
  tls_handshake = 33,
  certificate = 34,
  starttls_not_offered = 35,
  not_smtp = 36,
  login_refused = 40,
  token_refresh = 41,
  no_mechanism = 42,
  login_deferred = 43,
  sender_refused = 50,
  all_recipients_refused = 51,
  some_recipients_refused = 52,
  content_refused = 53,
  retries_ended = 54,
  rate_limited = 55,
  time_budget = 60,
  outcome_unknown = 61,
  cancelled = 62,
  suppressed = 70,
  frequency_limit = 71,
  internal = 99,
};

/// One English sentence without the full stop, for when no server's words are at hand.
std::string_view describe(ResultCode code);

/// Whether another attempt could end better: 30–36, 40–43, 54, 55.
bool retryable(ResultCode code);

}  // namespace postern
