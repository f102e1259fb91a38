// TargetPause: the back-off of a target that is broken, so that mails that were never tried wait
// for it together instead of each finding out by itself. Those tried before keep their own schedule
// and serve as its probes; the first that is taken ends the pause. Pure but for the time given.
//
//   well → (failures_max failures in a row, or one that says so) → paused → probing → well | paused
#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace postern::flows {

class TargetPause {
 public:
  static constexpr int failures_max = 3;
  static constexpr Duration first = std::chrono::seconds(5);
  static constexpr Duration longest = std::chrono::seconds(60);
  static constexpr Duration longest_asked = std::chrono::minutes(15);  // promise 13

  /// The target has answered as it should, be it with a refusal of one mail.
  void well();
  /// An attempt ended badly at `now` (of Env::steady()). `certain`: it is the target's own fault.
  /// `asked`: how long it wants to be left alone.
  void failed(Duration now, bool certain, Duration asked, std::uint64_t random);

  bool broken() const { return broken_; }
  /// How long mails that were never tried still wait; then one at a time, while it is broken().
  Duration left(Duration now) const;

 private:
  bool broken_ = false;
  int failures_ = 0, pauses_ = 0;
  Duration until_{0};
};

}  // namespace postern::flows
