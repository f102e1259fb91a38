// What notices do by the day: a digest of what is wrong, and a test of the ways by which people are
// told. Pure; part of the settings of "notices".
#pragma once

#include "core/json_fields.hpp"
#include "core/schedule.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace postern {

struct NoticeHabits {
  std::optional<std::chrono::minutes> digest_at;  // of the day; nothing: no digest
  bool digest_always = false;                     // also when nothing is wrong
  std::optional<int> test_on;                     // day of the week from Monday; nothing: no test
  std::string time_zone = "UTC";
};

/// When tests come that have no digest to come with.
inline constexpr std::chrono::minutes test_at_default = std::chrono::hours(9);

/// Out of the settings' "notices"; adds every mistake.
void read_habits(JsonFields& fields, NoticeHabits& habits);
/// Of what admins have changed of the settings.
NoticeHabits habits_of(const boost::json::object& changed);
void write_habits(const NoticeHabits& habits, boost::json::object& notices);

/// The last time until `now` at which the zone's wall clock showed `at`.
Instant latest_daily(std::chrono::minutes at, std::string_view time_zone, Instant now);

}  // namespace postern
