// Notification profiles: the contract's JSON, quiet hours, steps.
#include "core/profile.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern {
namespace {

constexpr const char* whole = R"({"name":"On duty","channels":[
  {"type":"email","to":["a@example.com"]},
  {"type":"sms","name":"phone","to":["+49170000"],"url":"https://sms.example/send?to={{to}}",
   "headers":{"Authorization":"Bearer {{secret}}"},"body":"{{text}}"},
  {"type":"webhook","url":"https://chat.example/x","format":"teams","text":"{{subject}}"}],
  "quiet_hours":{"time_of_day":{"from":"22:00","to":"07:00"},"time_zone":"Europe/Berlin"},
  "steps":[{"after_s":0,"channels":["email"]},{"after_s":1800,"channels":["phone",2]}]})";

std::string problems_of(std::string_view text) {
  const auto read = parse_profile(boost::json::parse(text));
  std::string told;
  if (const auto* problems = std::get_if<FieldProblems>(&read)) {
    for (const auto& each : *problems) told += each.pointer + ": " + each.detail + "\n";
  }
  return told;
}

Profile profile(std::string_view text) {
  auto read = parse_profile(boost::json::parse(text));
  if (auto* draft = std::get_if<ProfileDraft>(&read)) return std::move(draft->value);
  ADD_FAILURE() << problems_of(text);
  return {};
}

TEST(Profile, Reads_what_it_writes) {
  const auto first = profile(whole);
  const auto shown = to_json(first);

  EXPECT_EQ(to_json(profile(boost::json::serialize(shown))), shown);
  ASSERT_EQ(first.steps.size(), 2U);
  EXPECT_EQ(first.steps[0].channels, std::vector<std::size_t>({0}));
  EXPECT_EQ(first.steps[1].channels, std::vector<std::size_t>({1, 2}));
  EXPECT_EQ(first.steps[1].after, std::chrono::minutes(30));
}

TEST(Profile, Tells_all_channels_at_once_without_steps) {
  const auto simple = profile(R"({"name":"p","channels":[
      {"type":"email","to":"a@example.com"},{"type":"webhook","url":"https://x.example/"}]})");

  ASSERT_EQ(simple.steps.size(), 1U);
  EXPECT_EQ(simple.steps[0].channels, std::vector<std::size_t>({0, 1}));
}

TEST(Profile, Waits_for_the_end_of_the_quiet_hours) {
  const auto quiet = profile(whole);
  const auto at = [](const char* text) { return *parse_rfc3339(text); };

  EXPECT_EQ(tell_at(quiet, at("2026-01-15T12:00:00Z")), at("2026-01-15T12:00:00Z"));
  EXPECT_EQ(tell_at(quiet, at("2026-01-15T23:00:00Z")), at("2026-01-16T06:00:00Z"));
  // The night in which an hour is left out.
  EXPECT_EQ(tell_at(quiet, at("2026-03-28T23:00:00Z")), at("2026-03-29T05:00:00Z"));
}

TEST(Profile, Takes_quiet_hours_without_the_inner_object) {
  const auto quiet = profile(R"({"name":"p","channels":[],
      "quiet_hours":{"from":"22:00","to":"07:00","time_zone":"UTC"}})");

  ASSERT_TRUE(quiet.quiet_hours);
  EXPECT_EQ(quiet.quiet_hours->time_of_day->to, std::chrono::hours(7));
}

TEST(Profile, Names_what_is_wrong) {
  EXPECT_NE(problems_of(R"({"name":"p","channels":[{"type":"log_file","path":"x"}]})")
                .find("/channels/0/type: is not \"log_file\""),
            std::string::npos);
  EXPECT_NE(problems_of(R"({"name":"p","channels":[{"type":"sms","url":"https://x.example/"}]})")
                .find("/channels/0/to: is required"),
            std::string::npos);
  EXPECT_NE(problems_of(R"({"name":"p","channels":[],"steps":[{"channels":["pager"]}]})")
                .find("/steps/0/channels/0: names no channel"),
            std::string::npos);
  EXPECT_NE(problems_of(R"({"name":"p","quiet_hours":{}})").find("would last for ever"),
            std::string::npos);
  EXPECT_NE(problems_of(R"({"name":"p","chanels":[]})").find("/chanels: "), std::string::npos);
}

}  // namespace
}  // namespace postern
