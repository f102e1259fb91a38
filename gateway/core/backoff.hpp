// Backoff: how long to wait after the n-th failure in a row. Pure: chance is an argument.
#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace postern {

/// `first` doubled with each further failure, up to `max`, with ±20 % of chance so that accounts
/// of one provider do not come back together. Never over `max`. `failures` from 1; less is as 1.
Duration backoff(int failures, Duration first, Duration max, std::uint64_t random);

}  // namespace postern
