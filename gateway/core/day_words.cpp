// See day_words.hpp.
#include "core/day_words.hpp"

#include <fmt/format.h>

namespace postern {

std::string day_words(std::int64_t days) {
  if (days < 1) return "less than a day";
  return days == 1 ? "1 day" : fmt::format("{} days", days);
}

}  // namespace postern
