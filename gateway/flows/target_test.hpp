// The test of a target: one call with a signed body of the type "test", outside its queue.
#pragma once

#include "flows/context.hpp"

#include <string>

namespace postern::flows {

struct TargetTest {
  bool ok = false;
  int status = 0;  // HTTP's; 0: no answer, or a pull target
  std::chrono::milliseconds took{0};
  std::string answer;         // its first bytes
  std::string error;          // why it is not ok
  std::uint64_t waiting = 0;  // mails that wait for the target
};

/// Calls a webhook target; of a pull target it only tells what waits. A disabled one is tested too.
/// Errors: storage's.
net::Task<Result<TargetTest>> test_target(Context& context, TargetId target);

}  // namespace postern::flows
