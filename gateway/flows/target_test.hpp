// The test of a target: what a hand-over would do, step by step, outside its queue. Helpdesks are
// called so that no ticket is made; a webhook gets a signed body of the type "test", a raw target a
// test mail; mail servers are asked up to the point before a mail.
#pragma once

#include "core/target.hpp"
#include "flows/connection_test.hpp"
#include "flows/context.hpp"
#include "storage/handovers.hpp"

#include <string>
#include <vector>

namespace postern::flows {

struct TargetTest {
  bool ok = false;
  int status = 0;  // HTTP's; 0: no answer, or a target that is not called by HTTP
  std::chrono::milliseconds took{0};
  std::string answer;           // its first bytes
  std::string error;            // why it is not ok
  std::uint64_t waiting = 0;    // mails that wait for the target
  std::vector<TestStep> steps;  // fields are pointers into the target
};

/// Tests `target`, saved or not; of a pull target it only tells what waits. A disabled one is
/// tested too. Errors: storage's.
net::Task<Result<TargetTest>> test_target(Context& context, Target target,
                                          storage::TargetSecrets secrets);

}  // namespace postern::flows
