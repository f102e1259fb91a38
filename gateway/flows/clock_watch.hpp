// The clock may be set while we run or between two lives: by hand, or by a machine that finds the
// time only after its start. Rows wait for a time of it; so that none waits for a year longer, or
// has grown old by a year at once, they are moved with it. Promise 24.
#pragma once

#include "flows/context.hpp"

#include <functional>

namespace postern::flows {

/// A clock that is led to the right time is not one that was set.
inline constexpr Duration clock_tolerance = std::chrono::seconds(30);

/// Both clocks at one moment.
struct ClockReading {
  Instant wall;
  Duration steady{0};
};

/// Whether ages can be told by the clock. For a while after it was set they can't: what waits has
/// not been moved yet.
class ClockDoubt {
 public:
  explicit ClockDoubt(const ClockReading& known) : known_(known) {}
  explicit ClockDoubt(net::Env& env);
  bool is_doubtful(net::Env& env);

 private:
  ClockReading known_;
  Duration until_{0};  // steady
};

/// At the start, before anybody looks at what is due: when the clock was set back since the last
/// life, what waits is moved with it. (Set forward it looks as if we had been away for long.)
net::Task<Result<ClockReading>> settle_clock(Context& context);

/// For so long after a leap of the clock nothing is removed because it looks old: somebody sets it
/// right, or by then it is taken to be right. Long enough for a few days without anybody.
inline constexpr Duration leap_doubt = std::chrono::hours(24 * 7);

/// Whether what is kept for a time may be removed when that has passed by the clock.
net::Task<Result<bool>> ages_hold(Context& context);

/// From that reading on, until cancelled. `moved` is called after the rows were: all that waits has
/// to look again.
net::Task<void> watch_clock(Context& context, ClockReading last, std::function<void()> moved);

}  // namespace postern::flows
