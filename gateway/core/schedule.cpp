// See schedule.hpp. The time zone library is in this file alone.
#include "core/schedule.hpp"

#include "core/suggest.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace postern {
namespace {

using std::chrono::minutes;
using SysTime = date::sys_time<Duration>;
using LocalTime = date::local_time<Duration>;

constexpr int days_looked_ahead = 8;
constexpr std::size_t zone_bytes_max = 64;

const date::time_zone* find_zone(std::string_view name) {
  if (name.empty() || name.size() > zone_bytes_max) return nullptr;
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// Of a zone that went from the system's database since the schedule was saved: UTC.
const date::time_zone* zone_of(const Schedule& schedule) {
  const auto* zone = find_zone(schedule.time_zone);
  return zone != nullptr ? zone : find_zone("UTC");
}

/// Without any database on the machine, local time is UTC.
LocalTime to_local(const date::time_zone* zone, SysTime at) {
  if (zone == nullptr) return LocalTime(at.time_since_epoch());
  return zone->to_local(at);
}

struct WallClock {
  int weekday;  // 0: Monday
  minutes since_midnight;
};

WallClock read_clock(LocalTime local) {
  const auto day = date::floor<date::days>(local);
  const date::weekday weekday{day};
  return {static_cast<int>(weekday.iso_encoding()) - 1,
          std::chrono::duration_cast<minutes>(local - day)};
}

bool has_day(const Schedule& schedule, int weekday) {
  return (schedule.days >> ((weekday + 7) % 7) & 1) != 0;
}

bool covers_clock(const Schedule& schedule, const WallClock& clock) {
  if (!schedule.time_of_day) return has_day(schedule, clock.weekday);
  const auto& range = *schedule.time_of_day;
  if (range.from == range.to) return has_day(schedule, clock.weekday);
  if (range.from < range.to) {
    return has_day(schedule, clock.weekday) && clock.since_midnight >= range.from &&
           clock.since_midnight < range.to;
  }
  if (clock.since_midnight >= range.from) return has_day(schedule, clock.weekday);
  return clock.since_midnight < range.to && has_day(schedule, clock.weekday - 1);
}

/// The instants after `at` at which the answer may change: the ends of the range and midnight of
/// each day, both times where the hour comes twice, and the changes of the clock themselves.
std::vector<SysTime> candidates(const Schedule& schedule, const date::time_zone* zone, SysTime at) {
  std::vector<SysTime> found;
  const auto today = date::floor<date::days>(to_local(zone, at));
  std::vector<minutes> marks = {minutes(0)};
  if (schedule.time_of_day) {
    marks.push_back(schedule.time_of_day->from);
    marks.push_back(schedule.time_of_day->to);
  }
  for (int day = 0; day <= days_looked_ahead; ++day) {
    for (const auto mark : marks) {
      const LocalTime local = today + date::days(day) + mark;
      if (zone == nullptr) {
        found.emplace_back(local.time_since_epoch());
        continue;
      }
      found.push_back(zone->to_sys(local, date::choose::earliest));
      found.push_back(zone->to_sys(local, date::choose::latest));
    }
  }
  if (zone != nullptr) {
    const auto info = zone->get_info(at);
    if (info.end < at + date::days(days_looked_ahead)) found.emplace_back(info.end);
  }
  std::erase_if(found, [at](SysTime each) { return each <= at; });
  std::ranges::sort(found);
  return found;
}

std::optional<minutes> parse_clock(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return std::nullopt;
  return minutes((hour % 24) * 60 + minute);
}

std::string clock_text(minutes since_midnight) {
  return fmt::format("{:02}:{:02}", since_midnight.count() / 60, since_midnight.count() % 60);
}

void read_range(JsonFields& fields, Schedule& schedule) {
  const auto* object = fields.object("time_of_day");
  if (object == nullptr) return;
  JsonFields inside(*object, fields.pointer("time_of_day"), fields.problems());
  Schedule::Range range;
  for (const auto& [name, into] : {std::pair{"from", &range.from}, std::pair{"to", &range.to}}) {
    std::string text;
    if (!inside.text(name, text, {.bytes_max = 5, .required = true}) || text.empty()) continue;
    if (const auto clock = parse_clock(text)) {
      *into = *clock;
    } else {
      inside.problem(name, "must be a time of the day, HH:MM, as 22:00");
    }
  }
  inside.finish();
  schedule.time_of_day = range;
}

void read_days(JsonFields& fields, Schedule& schedule) {
  std::vector<std::string> words;
  if (!fields.texts("days", words, {.bytes_max = 20}, 7)) return;
  if (words.empty()) return;
  std::uint8_t days = 0;
  for (const auto& word : words) {
    const auto found = std::ranges::find(weekday_words, word);
    if (found == weekday_words.end()) {
      fields.problem("days", fmt::format("\"{}\" is none of mon, tue, wed, thu, fri, sat, sun{}",
                                         word, did_you_mean(word, weekday_words)));
    } else {
      days |= static_cast<std::uint8_t>(1U << (found - weekday_words.begin()));
    }
  }
  schedule.days = days;
}

}  // namespace

bool known_time_zone(std::string_view name) {
  return find_zone(name) != nullptr;
}

bool covers(const Schedule& schedule, Instant at) {
  if (schedule.always()) return true;
  const auto local = to_local(zone_of(schedule), SysTime(at.time_since_epoch()));
  return covers_clock(schedule, read_clock(local));
}

std::optional<Instant> next_change(const Schedule& schedule, Instant at) {
  if (schedule.always()) return std::nullopt;
  const bool now = covers(schedule, at);
  for (const auto each : candidates(schedule, zone_of(schedule), SysTime(at.time_since_epoch()))) {
    const Instant then(each.time_since_epoch());
    if (covers(schedule, then) != now) return then;
  }
  return std::nullopt;
}

std::string wall_clock(const Schedule& schedule, Instant at) {
  const auto local = to_local(zone_of(schedule), SysTime(at.time_since_epoch()));
  const auto clock = read_clock(local);
  return fmt::format("{} {} {}", weekday_words.at(static_cast<std::size_t>(clock.weekday)),
                     clock_text(clock.since_midnight), schedule.time_zone);
}

Duration time_of_day_in(std::string_view time_zone, Instant at) {
  Schedule zone;
  zone.time_zone = std::string(time_zone);
  const auto local = to_local(zone_of(zone), SysTime(at.time_since_epoch()));
  return local - date::floor<date::days>(local);
}

std::string words_of(const Schedule& schedule) {
  std::string words;
  for (std::size_t i = 0; schedule.days != Schedule::all_days && i < weekday_words.size(); ++i) {
    if (has_day(schedule, static_cast<int>(i))) words += fmt::format("{} ", weekday_words.at(i));
  }
  if (const auto& range = schedule.time_of_day) {
    words += fmt::format("{}-{} ", clock_text(range->from), clock_text(range->to));
  }
  return words + schedule.time_zone;
}

void read_schedule(JsonFields& fields, Schedule& schedule) {
  read_range(fields, schedule);
  read_days(fields, schedule);
  std::string zone = schedule.time_zone;
  if (!fields.text("time_zone", zone, {.bytes_max = zone_bytes_max})) return;
  if (zone.empty()) return;
  if (!known_time_zone(zone)) {
    fields.problem("time_zone", fmt::format("there is no time zone \"{}\"; names are those of the "
                                            "IANA database, as Europe/Berlin or UTC",
                                            zone));
    return;
  }
  schedule.time_zone = zone;
}

void write_schedule(const Schedule& schedule, boost::json::object& json) {
  json["time_of_day"] = nullptr;
  if (schedule.time_of_day) {
    json["time_of_day"] = {{"from", clock_text(schedule.time_of_day->from)},
                           {"to", clock_text(schedule.time_of_day->to)}};
  }
  boost::json::array days;
  for (std::size_t i = 0; i < weekday_words.size(); ++i) {
    if (has_day(schedule, static_cast<int>(i))) days.emplace_back(weekday_words[i]);
  }
  json["days"] = std::move(days);
  json["time_zone"] = schedule.time_zone;
}

}  // namespace postern
