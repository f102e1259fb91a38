// Schedule: times of the day and days of the week in a named zone, for event rules and for quiet
// hours. Pure: what the clock on the wall of that zone shows at an instant decides.
//
// A range over midnight belongs to the day it begins on: 22:00–06:00 on Mondays ends on Tuesday
// morning. An hour that the change to summer time leaves out is in no range; one that comes twice
// is in its range twice.
#pragma once

#include "core/json_fields.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// The contract's words, the week from Monday.
inline constexpr std::array<std::string_view, 7> weekday_words = {"mon", "tue", "wed", "thu",
                                                                  "fri", "sat", "sun"};

struct Schedule {
  struct Range {
    std::chrono::minutes from{0}, to{0};  // since midnight, under 24 h; equal: the whole day
    bool operator==(const Range&) const = default;
  };
  static constexpr std::uint8_t all_days = 0x7f;

  std::optional<Range> time_of_day;  // nothing: at any time
  std::uint8_t days = all_days;      // bit 0: Monday
  std::string time_zone = "UTC";     // a name of the IANA database

  bool always() const { return !time_of_day && days == all_days; }
  bool operator==(const Schedule&) const = default;
};

/// Whether the system's time zone database has this name.
bool known_time_zone(std::string_view name);

/// Whether `at` is in the schedule. A zone that the database no longer has is read as UTC.
bool covers(const Schedule& schedule, Instant at);

/// The next instant after `at` at which covers() gives another answer; nothing when it never does
/// within eight days.
std::optional<Instant> next_change(const Schedule& schedule, Instant at);

/// "Monday 22:30 Europe/Berlin": what the wall clock shows, for reasons.
std::string wall_clock(const Schedule& schedule, Instant at);

/// How much of its day the wall clock of the zone shows; a zone the database no longer has is UTC.
Duration time_of_day_in(std::string_view time_zone, Instant at);

/// "mon tue 22:00-06:00 Europe/Berlin": the whole of it, for reasons.
std::string words_of(const Schedule& schedule);

/// Reads `time_of_day` {from, to}, `days` and `time_zone` out of an object's fields.
void read_schedule(JsonFields& fields, Schedule& schedule);

/// Writes the same three fields; time_of_day null when there is none.
void write_schedule(const Schedule& schedule, boost::json::object& json);

}  // namespace postern
