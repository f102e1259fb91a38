// How many days are left, as a person says it.
#pragma once

#include <cstdint>
#include <string>

namespace postern {

/// "12 days", "1 day", "less than a day".
std::string day_words(std::int64_t days);

}  // namespace postern
