// How long whoever could not read or write in the store waits before the next try.
#pragma once

#include "core/time.hpp"

namespace postern::flows {

inline constexpr Duration store_trouble = std::chrono::seconds(5);

}  // namespace postern::flows
