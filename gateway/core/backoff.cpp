// See backoff.hpp.
#include "core/backoff.hpp"

#include <algorithm>

namespace postern {

Duration backoff(int failures, Duration first, Duration max, std::uint64_t random) {
  // The middle of the jitter's range; its upper end is what max limits.
  const std::int64_t middle_max = max.count() / 6 * 5;
  std::int64_t middle = std::min<std::int64_t>(first.count(), middle_max);
  for (int i = 1; i < failures && middle < middle_max; ++i) {
    middle = middle > middle_max / 2 ? middle_max : middle * 2;
  }
  const auto per_mille = 800 + static_cast<std::int64_t>(random % 401);
  return std::min(max, Duration(middle / 1000 * per_mille + middle % 1000 * per_mille / 1000));
}

}  // namespace postern
