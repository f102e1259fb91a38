// What is said against ways of telling that cannot be relied on; and what notices do by the day.
#include "core/reach.hpp"
#include "core/notice_habits.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

Action of_type(ActionType type) {
  Action action;
  action.type = type;
  return action;
}

Profile with(std::initializer_list<ActionType> channels) {
  Profile profile;
  for (const auto type : channels) profile.channels.push_back(of_type(type));
  return profile;
}

const FindProfile no_profiles = [](const std::string&) { return nullptr; };

TEST(Reach, A_profile_needs_two_ways_that_do_not_fail_together) {
  EXPECT_TRUE(warnings_of(with({ActionType::email, ActionType::sms})).empty());
  EXPECT_TRUE(warnings_of(with({ActionType::sms, ActionType::webhook})).empty());

  const auto none = warnings_of(with({}));
  ASSERT_EQ(none.size(), 1U);
  EXPECT_NE(none[0].find("Nobody is told"), std::string::npos);
  const auto mails = warnings_of(with({ActionType::email, ActionType::email}));
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_NE(mails[0].find("default integration"), std::string::npos);
  const auto one = warnings_of(with({ActionType::sms}));
  ASSERT_EQ(one.size(), 1U);
  EXPECT_NE(one[0].find("one way alone"), std::string::npos);
}

TEST(Reach, A_rule_reaches_whom_its_profiles_reach_and_a_file_is_nobody) {
  EventRule rule;
  rule.then = {of_type(ActionType::log_file)};
  EXPECT_EQ(warnings_of(rule, no_profiles).size(), 1U);
  rule.then = {of_type(ActionType::email), of_type(ActionType::log_file)};
  EXPECT_EQ(warnings_of(rule, no_profiles).size(), 1U);

  auto duty = with({ActionType::email, ActionType::sms});
  const FindProfile find = [&](const std::string&) { return &duty; };
  rule.then = {of_type(ActionType::profile)};
  EXPECT_TRUE(warnings_of(rule, find).empty());
  duty.enabled = false;
  EXPECT_EQ(warnings_of(rule, find).size(), 1U);
}

TEST(Reach, Notices_need_somebody_and_another_way_than_mail) {
  MonitoringSettings settings;
  ASSERT_EQ(warnings_of(settings, no_profiles).size(), 1U);
  EXPECT_NE(warnings_of(settings, no_profiles)[0].find("give recipients"), std::string::npos);
  settings.recipients = {"duty@example.com"};
  EXPECT_NE(warnings_of(settings, no_profiles)[0].find("is mail"), std::string::npos);
  const auto phones = with({ActionType::sms});
  const FindProfile find = [&](const std::string&) { return &phones; };
  settings.profiles = {"prf_1"};
  EXPECT_TRUE(warnings_of(settings, find).empty());
}

TEST(NoticeHabits, Reads_what_it_writes_and_names_what_is_wrong) {
  boost::json::object notices;
  notices["digest_at"] = "08:30";
  notices["digest_always"] = true;
  notices["test_on"] = "mon";
  notices["time_zone"] = "Europe/Berlin";
  boost::json::object written;
  write_habits(habits_of({{"notices", notices}}), written);
  EXPECT_EQ(written, notices);
  EXPECT_FALSE(habits_of({}).digest_at);

  FieldProblems problems;
  const boost::json::object wrong = {
      {"digest_at", "8"}, {"test_on", "day"}, {"time_zone", "../etc"}, {"digest_always", 1}};
  JsonFields fields(wrong, "/notices", problems);
  NoticeHabits habits;
  read_habits(fields, habits);
  EXPECT_EQ(problems.size(), 4U);
  for (const char* time : {"24:00", "08:60", "0830", "8:30", "ab:cd"}) {
    FieldProblems of_time;
    const boost::json::object late = {{"digest_at", time}};
    JsonFields its_fields(late, "/notices", of_time);
    read_habits(its_fields, habits);
    EXPECT_EQ(of_time.size(), 1U) << time;
  }
}

TEST(NoticeHabits, Know_the_time_of_a_day_whose_clock_changes) {
  const auto at = [](const char* text) { return *parse_rfc3339(text); };
  const std::chrono::minutes eight = std::chrono::hours(8);
  const auto berlin = "Europe/Berlin";
  // Summer time until 25 October 2026, 01:00 UTC.
  EXPECT_EQ(latest_daily(eight, berlin, at("2026-10-24T06:00:00Z")), at("2026-10-24T06:00:00Z"));
  EXPECT_EQ(latest_daily(eight, berlin, at("2026-10-25T06:59:00Z")), at("2026-10-24T06:00:00Z"));
  EXPECT_EQ(latest_daily(eight, berlin, at("2026-10-25T07:00:00Z")), at("2026-10-25T07:00:00Z"));
  EXPECT_EQ(latest_daily(eight, berlin, at("2027-03-28T06:01:00Z")), at("2027-03-28T06:00:00Z"));
  EXPECT_EQ(latest_daily(eight, berlin, at("2027-03-28T05:59:00Z")), at("2027-03-27T07:00:00Z"));
  EXPECT_EQ(latest_daily(eight, "UTC", at("2026-01-01T07:59:59Z")), at("2025-12-31T08:00:00Z"));
}

}  // namespace
}  // namespace postern
