// See notice_habits.hpp.
#include "core/notice_habits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern {
namespace {

namespace json = boost::json;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "08:30".
std::optional<std::chrono::minutes> parse_time(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0, 1, 3, 4}) {
    if (!is_digit(text[i])) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return std::chrono::minutes(hour * 60 + minute);
}

}  // namespace

void read_habits(JsonFields& fields, NoticeHabits& habits) {
  std::optional<std::string> time, day, zone;
  if (fields.text("digest_at", time, {.bytes_max = 5}) && time) {
    habits.digest_at = parse_time(*time);
    if (!habits.digest_at) fields.problem("digest_at", "must be a time of day like 08:00");
  }
  fields.boolean("digest_always", habits.digest_always);
  if (fields.text("test_on", day, {.bytes_max = 3}) && day) {
    const auto known = std::find(weekday_words.begin(), weekday_words.end(), *day);
    if (known == weekday_words.end()) {
      fields.problem("test_on", "must be mon, tue, wed, thu, fri, sat or sun");
    } else {
      habits.test_on = static_cast<int>(known - weekday_words.begin());
    }
  }
  if (fields.text("time_zone", zone, {.bytes_max = 64}) && zone) {
    if (!known_time_zone(*zone)) {
      fields.problem("time_zone", "is no name of the IANA database, like Europe/Berlin");
    } else {
      habits.time_zone = *zone;
    }
  }
}

NoticeHabits habits_of(const json::object& changed) {
  NoticeHabits habits;
  const auto* notices = changed.if_contains("notices");
  if (notices == nullptr || !notices->is_object()) return habits;
  FieldProblems ignored;
  JsonFields fields(notices->get_object(), "/notices", ignored);
  read_habits(fields, habits);
  return habits;
}

void write_habits(const NoticeHabits& habits, json::object& notices) {
  notices["digest_at"] = nullptr;
  if (habits.digest_at) {
    const auto minutes = habits.digest_at->count();
    notices["digest_at"] = fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
  }
  notices["digest_always"] = habits.digest_always;
  notices["test_on"] = nullptr;
  if (habits.test_on) notices["test_on"] = weekday_words[static_cast<std::size_t>(*habits.test_on)];
  notices["time_zone"] = habits.time_zone;
}

Instant latest_daily(std::chrono::minutes at, std::string_view time_zone, Instant now) {
  constexpr Duration day = std::chrono::hours(24);
  const Duration wanted = at;
  auto since = time_of_day_in(time_zone, now) - wanted;
  if (since < Duration(0)) since += day;
  const Instant found = now - since;
  // The clock may have been changed in between; an hour that was left out stays where it would be.
  const auto off = time_of_day_in(time_zone, found) - wanted;
  const bool small = off <= std::chrono::hours(3) && off >= -std::chrono::hours(3);
  const Instant mended = found - off;
  if (!small || time_of_day_in(time_zone, mended) != wanted || mended > now) return found;
  return mended;
}

}  // namespace postern
