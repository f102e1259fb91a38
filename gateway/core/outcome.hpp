// Outcome: what the end of an attempt means for the schedule. flows/verdict is the only one to say
// which; health and backoff are the only ones to act on it.
#pragma once

#include <string_view>

namespace postern {

enum class Outcome {
  ok,
  transient,      // network, a server in trouble: try again
  throttled,      // the provider asks for patience: try again later than usual
  auth_rejected,  // the login was refused; hammering locks accounts
  needs_consent,  // a person must authorise again
  rejected,       // the fault of this mail or call, not of the integration
  stopped,        // we ended it ourselves
};

std::string_view to_string(Outcome outcome);

}  // namespace postern
