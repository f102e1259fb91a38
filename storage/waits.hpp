// Rows that wait for a time of the clock, when the clock itself was set. Waiting means a duration:
// what was to be tried in five seconds is tried in five seconds, whatever the clock says by then.
#pragma once

#include "storage/retention.hpp"

#include <optional>

namespace postern::storage {

/// A clock set forward by more makes what is kept for days look old at once: a leap.
constexpr Duration clock_leap = std::chrono::hours(24);

/// The clock was set by `by` (not 0) and reads `now`.
struct ClockMove {
  Duration by{0};
  Instant now;
  Instant first;  // no row of the clock as it is now tells a time before it
};

class Waits {
 public:
  virtual ~Waits() = default;

  /// Set back: what waits for a next try is due that much earlier. Set forward, it is due by
  /// itself, and what is still to be sent or kept for some days has not become older by that. A
  /// time that somebody chose (not_before) stays. Also notes the clock, and a leap.
  virtual net::Task<Result<void>> clock_moved(ClockMove move) = 0;

  /// The clock is right, as far as anybody knows, and reads `now`. What a clock wrote that was set
  /// and set back unseen is put right.
  virtual net::Task<Result<void>> note_clock(Instant now) = 0;
  /// As it was noted last, in this life or a former one.
  virtual net::Task<Result<std::optional<Instant>>> noted_clock() = 0;

  /// A start found the clock a leap further; or we were away for so long: nobody knows which.
  virtual net::Task<Result<void>> note_leap(Instant now) = 0;
  /// By the clock as it is now; it moves with it when that is set back.
  virtual net::Task<Result<std::optional<Instant>>> last_leap() = 0;
};

/// Nothing for an engine that keeps no such rows.
Waits* waits_of(Retention& retention);

}  // namespace postern::storage
