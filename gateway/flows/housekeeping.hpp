// Housekeeping: what has to be done now and then: gauges counted from the rows, what is kept for a
// time only forgotten. Lives on the hub's executor.
#pragma once

#include "flows/context.hpp"

namespace postern::flows {

/// Until cancelled.
net::Task<void> keep_house(Context& context);

}  // namespace postern::flows
