// Retention: removes what is older, or more, than [storage] allows, oldest first and in small jobs
// with pauses between them, so that no commit of others waits long. What no target has taken stays.
// Lives on the hub's executor.
#pragma once

#include "flows/clock_watch.hpp"

namespace postern::flows {

struct RetentionReport {
  std::uint64_t messages = 0, bytes = 0, events = 0, deliveries = 0;
  Duration longest_job{0};  // as waited for, other jobs of its group included
};

/// One pass over everything; after a leap of the clock over what is too much alone. Errors:
/// storage's; what was removed before stays so.
net::Task<Result<RetentionReport>> apply_retention(Context& context);

/// A pass now and then, until cancelled. `clock`: as settled at the start.
net::Task<void> keep_retention(Context& context, ClockReading clock);

}  // namespace postern::flows
