// The wait that a server asks for in words.
#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace postern {

/// "Try again in 15 minutes", "retry after 30 s", "Suggested Backoff Time: 2000 milliseconds".
/// Nothing when it names no time, or one over a day: that is a way of saying no.
std::optional<Duration> asked_wait(std::string_view words);

}  // namespace postern
