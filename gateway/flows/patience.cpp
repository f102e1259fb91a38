#include "flows/patience.hpp"

#include "flows/limits.hpp"

#include <algorithm>

namespace postern::flows {

void Patience::waited(Duration time, std::uint64_t bytes_that_earn) {
  const Duration earned(
      static_cast<std::int64_t>(bytes_that_earn * 1000 / limits::answer_bytes_per_second));
  left_ = std::min(left_ - time + earned, limit_);
}

}  // namespace postern::flows
