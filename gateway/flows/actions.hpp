// Actions: carries one action of an event rule, or one channel of a profile, out: once, within its
// limits. What is tried again, and when, is event_actions' matter.
#pragma once

#include "flows/action_calls.hpp"
#include "flows/context.hpp"
#include "net/http_client.hpp"

#include <optional>
#include <string>

namespace postern::flows {

/// How one try ended.
struct ActionResult {
  bool ok = false;
  bool refused = false;  // it makes no sense to try again
  int status = 0;        // HTTP's; 0: no answer, or none is due
  std::string error;     // why it is not ok; quotes the other end, never a secret
  std::string answer;    // its first bytes
  Duration at_least{0};  // asked for by Retry-After
};

/// Of any type but profile, which has channels. Needs an executor whose coroutine it is called
/// from; opens a connection of its own, to where [egress] allows.
net::Task<ActionResult> perform(Context& context, Action action, Secret secret,
                                ActionNotice notice);

/// What the answer of a provider means. Its contract: 2xx and {"accepted": true}, or false with
/// "message" for never; 429 and 503 with Retry-After for later; anything else is tried again.
ActionResult judge_provider(int status, const std::string& body);

}  // namespace postern::flows
