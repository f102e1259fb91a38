// Housekeeping: what has to be done now and then: gauges counted from the rows, what is kept for a
// time only forgotten. Lives on the hub's executor.
#pragma once

#include "flows/clock_watch.hpp"

namespace postern::flows {

/// Until cancelled. `clock`: as settled at the start.
net::Task<void> keep_house(Context& context, ClockReading clock);

}  // namespace postern::flows
