// Patience: how long the answer under way may still take. A peer that drips a byte now and then is
// given no more time than one that is silent. Pure; what counts is the time spent waiting for the
// peer, not what we do between two reads. Promise 7.
#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace postern::flows {

class Patience {
 public:
  /// Something was asked, or a whole answer came: the next has `limit`.
  void begin(Duration limit) { limit_ = left_ = limit; }

  Duration left() const { return left_; }

  /// Waiting used up `time`. Bytes that keep the pace of limits::answer_bytes_per_second earn it
  /// back, never beyond the limit: a body that flows may take as long as it is.
  void waited(Duration time, std::uint64_t bytes_that_earn = 0);

 private:
  Duration limit_{0}, left_{0};
};

}  // namespace postern::flows
