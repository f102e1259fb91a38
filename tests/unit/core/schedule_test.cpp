// Times of the day and days of the week in named zones: tables of wall clocks, over midnight and
// over the changes of the clock, north and south of the equator.
#include "core/schedule.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace postern {
namespace {

Instant utc(const char* text) {
  const auto at = parse_rfc3339(text);
  EXPECT_TRUE(at) << text;
  return at.value_or(Instant());
}

std::string text_of(std::optional<Instant> at) {
  return at ? to_rfc3339(*at) : "never";
}

Schedule night(std::string zone) {
  Schedule schedule;
  schedule.time_of_day = Schedule::Range{std::chrono::hours(22), std::chrono::hours(6)};
  schedule.time_zone = std::move(zone);
  return schedule;
}

struct Row {
  const char* at;
  bool covered;
};

void expect_rows(const Schedule& schedule, std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    EXPECT_EQ(covers(schedule, utc(row.at)), row.covered)
        << row.at << " is " << wall_clock(schedule, utc(row.at));
  }
}

TEST(Schedule, Without_a_range_and_with_all_days_is_always) {
  const Schedule schedule;

  EXPECT_TRUE(schedule.always());
  EXPECT_TRUE(covers(schedule, utc("2026-11-22T10:00:00Z")));
  EXPECT_FALSE(next_change(schedule, utc("2026-11-22T10:00:00Z")));
}

TEST(Schedule, Covers_a_night_in_berlin_in_winter) {
  expect_rows(night("Europe/Berlin"), {{"2026-01-15T20:59:59Z", false},
                                       {"2026-01-15T21:00:00Z", true},
                                       {"2026-01-15T23:30:00Z", true},
                                       {"2026-01-16T04:59:59Z", true},
                                       {"2026-01-16T05:00:00Z", false}});
}

TEST(Schedule, Covers_the_short_night_in_which_berlin_goes_to_summer_time) {
  // 29 March 2026: 02:00 becomes 03:00, so the night from 22:00 to 06:00 has seven hours.
  expect_rows(night("Europe/Berlin"), {{"2026-03-28T20:59:59Z", false},
                                       {"2026-03-28T21:00:00Z", true},
                                       {"2026-03-29T00:59:59Z", true},
                                       {"2026-03-29T01:00:00Z", true},
                                       {"2026-03-29T03:59:59Z", true},
                                       {"2026-03-29T04:00:00Z", false}});
  EXPECT_EQ(text_of(next_change(night("Europe/Berlin"), utc("2026-03-28T22:00:00Z"))),
            "2026-03-29T04:00:00.000Z");
}

TEST(Schedule, Covers_the_long_night_in_which_berlin_goes_to_winter_time) {
  // 25 October 2026: 03:00 becomes 02:00, so the night has nine hours.
  expect_rows(night("Europe/Berlin"), {{"2026-10-24T19:59:59Z", false},
                                       {"2026-10-24T20:00:00Z", true},
                                       {"2026-10-25T00:30:00Z", true},
                                       {"2026-10-25T01:30:00Z", true},
                                       {"2026-10-25T04:59:59Z", true},
                                       {"2026-10-25T05:00:00Z", false}});
  EXPECT_EQ(text_of(next_change(night("Europe/Berlin"), utc("2026-10-24T22:00:00Z"))),
            "2026-10-25T05:00:00.000Z");
}

TEST(Schedule, Covers_both_nights_of_the_change_in_sydney) {
  // South of the equator summer time begins in October (4 October 2026) and ends in April (5).
  expect_rows(night("Australia/Sydney"), {{"2026-10-03T11:59:59Z", false},
                                          {"2026-10-03T12:00:00Z", true},
                                          {"2026-10-03T18:59:59Z", true},
                                          {"2026-10-03T19:00:00Z", false},
                                          {"2026-04-04T10:59:59Z", false},
                                          {"2026-04-04T11:00:00Z", true},
                                          {"2026-04-04T19:59:59Z", true},
                                          {"2026-04-04T20:00:00Z", false}});
  EXPECT_EQ(text_of(next_change(night("Australia/Sydney"), utc("2026-10-03T13:00:00Z"))),
            "2026-10-03T19:00:00.000Z");
}

TEST(Schedule, Is_right_where_midnight_itself_is_left_out) {
  // Santiago de Chile, 6 September 2026: 24:00 of the 5th becomes 01:00 of the 6th.
  expect_rows(night("America/Santiago"), {{"2026-09-06T01:59:59Z", false},
                                          {"2026-09-06T02:00:00Z", true},
                                          {"2026-09-06T04:00:00Z", true},
                                          {"2026-09-06T08:59:59Z", true},
                                          {"2026-09-06T09:00:00Z", false}});
}

TEST(Schedule, Leaves_out_a_range_inside_the_hour_that_is_left_out) {
  Schedule schedule;
  schedule.time_of_day = Schedule::Range{std::chrono::minutes(130), std::chrono::minutes(170)};
  schedule.time_zone = "Europe/Berlin";

  expect_rows(schedule, {{"2026-03-28T01:30:00Z", true},    // the day before: 02:30
                         {"2026-03-29T00:59:59Z", false},   // 01:59:59
                         {"2026-03-29T01:00:00Z", false},   // 03:00:00
                         {"2026-10-25T00:30:00Z", true},    // 02:30, for the first time
                         {"2026-10-25T01:30:00Z", true}});  // and again
}

TEST(Schedule, A_night_belongs_to_the_day_it_begins_on) {
  auto schedule = night("Europe/Berlin");
  schedule.days = 1;  // Mondays; 12 January 2026 is one

  expect_rows(schedule, {{"2026-01-12T04:00:00Z", false},  // Monday 05:00: Sunday's night
                         {"2026-01-12T21:30:00Z", true},   // Monday 22:30
                         {"2026-01-13T04:00:00Z", true},   // Tuesday 05:00
                         {"2026-01-13T21:30:00Z", false}});
  EXPECT_EQ(text_of(next_change(schedule, utc("2026-01-13T06:00:00Z"))),
            "2026-01-19T21:00:00.000Z");
}

TEST(Schedule, Days_alone_go_by_the_midnight_of_the_zone) {
  Schedule schedule;
  schedule.days = 1 << 6;  // Sundays
  schedule.time_zone = "Pacific/Auckland";

  expect_rows(schedule, {{"2026-11-21T10:59:59Z", false},  // Saturday 23:59:59 there
                         {"2026-11-21T11:00:00Z", true},
                         {"2026-11-22T10:59:59Z", true},
                         {"2026-11-22T11:00:00Z", false}});
}

TEST(Schedule, A_range_of_no_length_is_the_whole_day) {
  Schedule schedule;
  schedule.time_of_day = Schedule::Range{std::chrono::hours(9), std::chrono::hours(9)};
  schedule.days = 1 << 3;  // Thursdays

  expect_rows(schedule, {{"2026-01-15T00:00:00Z", true},
                         {"2026-01-15T23:59:59Z", true},
                         {"2026-01-16T00:00:00Z", false}});
}

struct Reading {
  Schedule schedule;
  FieldProblems problems;
};

Reading read(std::string_view text) {
  Reading reading;
  const auto json = boost::json::parse(text).as_object();
  JsonFields fields(json, "", reading.problems);
  read_schedule(fields, reading.schedule);
  fields.finish();
  return reading;
}

TEST(Schedule, Reads_what_it_writes) {
  const auto first = read(R"({"time_of_day":{"from":"22:00","to":"06:30"},
      "days":["mon","sun"],"time_zone":"Europe/Berlin"})");
  ASSERT_TRUE(first.problems.empty()) << first.problems.front().detail;

  boost::json::object json;
  write_schedule(first.schedule, json);
  const auto second = read(boost::json::serialize(json));

  EXPECT_EQ(first.schedule, second.schedule);
  EXPECT_EQ(boost::json::serialize(json),
            R"({"time_of_day":{"from":"22:00","to":"06:30"},"days":["mon","sun"],)"
            R"("time_zone":"Europe/Berlin"})");
}

TEST(Schedule, Names_what_is_wrong) {
  const auto reading = read(R"({"time_of_day":{"from":"25:00","till":"06:00"},
      "days":["monday","tue"],"time_zone":"Europe/Atlantis"})");

  std::string told;
  for (const auto& each : reading.problems) told += each.pointer + ": " + each.detail + "\n";
  EXPECT_NE(told.find("/time_of_day/from: must be a time of the day"), told.npos) << told;
  EXPECT_NE(told.find("/time_of_day/till: "), told.npos) << told;
  EXPECT_NE(told.find("/time_of_day/to: "), told.npos) << told;
  EXPECT_NE(told.find("/days: \"monday\" is none of"), told.npos) << told;
  EXPECT_NE(told.find("there is no time zone \"Europe/Atlantis\""), told.npos) << told;
}

TEST(Schedule, Takes_no_path_for_a_zone) {
  EXPECT_FALSE(known_time_zone("../../etc/passwd"));
  EXPECT_FALSE(known_time_zone("/etc/localtime"));
  EXPECT_FALSE(known_time_zone(""));
  EXPECT_TRUE(known_time_zone("UTC"));
}

}  // namespace
}  // namespace postern
