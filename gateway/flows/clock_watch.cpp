#include "flows/clock_watch.hpp"

#include "core/log.hpp"
#include "net/scope.hpp"
#include "storage/waits.hpp"

#include <chrono>

namespace postern::flows {
namespace {

constexpr Duration look_every = std::chrono::seconds(10);
constexpr Duration note_every = std::chrono::minutes(5);
constexpr Duration doubt = std::chrono::minutes(1);  // longer than until the next look

ClockReading read_clocks(net::Env& env) {
  return {env.now(), env.steady()};
}

Duration set_by(const ClockReading& from, const ClockReading& to) {
  return (to.wall - from.wall) - (to.steady - from.steady);
}

bool is_set(Duration by) {
  return by > clock_tolerance || by < -clock_tolerance;
}

void tell(Duration by) {
  log::warn("the clock was set by {} s: what waits was moved with it",
            std::chrono::duration_cast<std::chrono::seconds>(by).count());
}

void tell_of_leap(Duration by) {
  const auto days = [](Duration d) { return std::chrono::floor<std::chrono::days>(d).count(); };
  log::warn("the clock is {} days further than it was: for {} days nothing is removed by its age",
            days(by), days(leap_doubt));
}

}  // namespace

ClockDoubt::ClockDoubt(net::Env& env) : known_(read_clocks(env)) {}

bool ClockDoubt::is_doubtful(net::Env& env) {
  const auto seen = read_clocks(env);
  if (is_set(set_by(known_, seen))) until_ = seen.steady + doubt;
  known_ = seen;
  return seen.steady < until_;
}

net::Task<Result<ClockReading>> settle_clock(Context& context) {
  const auto reading = read_clocks(context.env);
  auto* waits = storage::waits_of(context.store.retention());
  if (waits == nullptr) co_return reading;
  POSTERN_CO_TRY(const auto noted, co_await waits->noted_clock());
  const Duration by = noted ? reading.wall - *noted : Duration(0);
  if (by > storage::clock_leap) {
    tell_of_leap(by);
    POSTERN_CO_TRY(co_await waits->note_leap(reading.wall));
    co_return reading;
  }
  if (by >= -clock_tolerance) {
    POSTERN_CO_TRY(co_await waits->note_clock(reading.wall));
    co_return reading;
  }
  storage::ClockMove move;
  move.by = by;
  move.now = move.first = reading.wall;
  POSTERN_CO_TRY(co_await waits->clock_moved(move));
  tell(by);
  co_return reading;
}

net::Task<Result<bool>> ages_hold(Context& context) {
  auto* waits = storage::waits_of(context.store.retention());
  if (waits == nullptr) co_return true;
  POSTERN_CO_TRY(const auto leapt_at, co_await waits->last_leap());
  const auto now = context.env.now();
  const bool doubtful = leapt_at && now >= *leapt_at && now - *leapt_at < leap_doubt;
  co_return !doubtful;
}

net::Task<void> watch_clock(Context& context, ClockReading last, std::function<void()> moved) {
  auto* waits = storage::waits_of(context.store.retention());
  if (waits == nullptr) co_return;
  Duration noted_at = last.steady;
  for (;;) {
    co_await net::sleep_for(context.env, look_every);
    const auto seen = read_clocks(context.env);
    storage::ClockMove move;
    move.by = set_by(last, seen);
    move.now = seen.wall;
    move.first = last.wall + move.by;
    if (is_set(move.by)) {
      const auto shifted = co_await waits->clock_moved(move);
      if (!shifted) {
        log::error("the clock was set, and what waits was not moved: {}",
                   describe(shifted.error()));
        continue;  // tried again: `last` is as it was
      }
      tell(move.by);
      if (move.by > storage::clock_leap) tell_of_leap(move.by);
      moved();
      noted_at = seen.steady;
    } else if (seen.steady - noted_at >= note_every) {
      const auto noted = co_await waits->note_clock(seen.wall);
      if (!noted) log::error("the clock was not noted: {}", describe(noted.error()));
      noted_at = seen.steady;
    }
    last = seen;
  }
}

}  // namespace postern::flows
