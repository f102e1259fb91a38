// Stories of notices told at notification profiles: channels, steps, quiet hours, restarts, and
// what happens when a way of telling fails itself.
#include "core/profile.hpp"
#include "sim/duty.hpp"
#include "sim/played_alerts.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

/// People on duty who are told at a profile too.
struct Profiled {
  explicit Profiled(std::uint64_t seed, std::string_view profile, bool with_mail = true)
      : duty(seed), chat(duty.stage.world, "chat.test"), phone(duty.stage.world, "phone.test") {
    duty.stage.start();
    auto& store = duty.stage.gateway->store();
    auto read = parse_profile(boost::json::parse(profile));
    POSTERN_ASSERT(std::holds_alternative<ProfileDraft>(read));
    const auto id = duty.stage.gateway
                        ->ask(store.profiles().create(std::get<ProfileDraft>(std::move(read)),
                                                      "story", duty.stage.world.now()))
                        .value.id;
    boost::json::object monitoring;
    monitoring["profiles"] = boost::json::array{boost::json::value(id.str())};
    if (!with_mail) monitoring["recipients"] = boost::json::array();
    boost::json::object changed;
    changed["monitoring"] = std::move(monitoring);
    duty.stage.gateway->ask(store.settings().replace(std::move(changed), std::nullopt, "story",
                                                     duty.stage.world.now()));
    duty.stage.gateway->hub().monitoring_changed();
    duty.stage.run_for(1min);
  }
  ~Profiled() {
    if (duty.stage.gateway) duty.stage.kill();
    duty.stage.world.stop_servers();
  }
  static Lines types(const PlayedAlerts& alerts) {
    Lines lines;
    for (const auto& call : alerts.calls) {
      lines.emplace_back(call.json().at("type").as_string());
    }
    return lines;
  }
  bool lists(const std::string& title) {
    const auto problems = duty.problems();
    return std::any_of(problems.begin(), problems.end(),
                       [&](const auto& each) { return each.title == title; });
  }

  Duty duty;
  PlayedAlerts chat, phone;
};

constexpr const char* two_steps = R"({"name":"duty","channels":[
  {"type":"webhook","name":"chat","url":"http://chat.test/in"},
  {"type":"webhook","name":"phone","url":"http://phone.test/in"}],
  "steps":[{"channels":["chat"]},{"after_s":1800,"channels":["phone"]}]})";

TEST(NoticesAtProfiles, Go_step_by_step_over_a_restart_and_their_end_to_whom_was_told) {
  Profiled told_at(301, two_steps);
  auto& duty = told_at.duty;
  duty.down(*duty.anna);
  duty.stage.run_for(10min);
  ASSERT_EQ(Profiled::types(told_at.chat), Lines{"notice.failing"});
  const auto data = told_at.chat.calls[0].json().at("data").as_object();
  EXPECT_EQ(data.at("status").as_string(), "open");
  EXPECT_EQ(data.at("integration").at("name").as_string(), "anna");
  EXPECT_NE(data.at("text").as_string().find("What happens next"), std::string::npos);
  EXPECT_TRUE(told_at.phone.calls.empty());
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});  // the recipients all the same

  duty.stage.restart();
  duty.stage.run_for(30min);
  ASSERT_GE(told_at.phone.calls.size(), 1U);
  EXPECT_EQ(Profiled::types(told_at.phone)[0], "notice.failing");

  duty.anna->imap->serve();
  if (duty.stage.status(*duty.anna).incoming_state == DirectionState::disabled) {
    duty.stage.set_enabled(*duty.anna, true);
  }
  duty.stage.run_for(30min);
  EXPECT_EQ(Profiled::types(told_at.chat).back(), "notice.recovered");
  EXPECT_EQ(Profiled::types(told_at.phone).back(), "notice.recovered");
  EXPECT_EQ(told_at.chat.calls.back().json().at("data").at("dedup_key"), data.at("dedup_key"));
  duty.stage.stop();
}

TEST(NoticesAtProfiles, Stop_at_the_step_before_which_somebody_has_taken_it_up) {
  Profiled told_at(302, two_steps);
  auto& duty = told_at.duty;
  duty.down(*duty.anna);
  duty.stage.run_for(10min);
  duty.stage.gateway->ask(
      duty.stage.gateway->hub().acknowledge_problem(duty.problems()[0].id, "ann"));
  duty.stage.restart();
  duty.stage.run_for(2h);
  EXPECT_TRUE(told_at.phone.calls.empty());

  duty.anna->imap->serve();
  if (duty.stage.status(*duty.anna).incoming_state == DirectionState::disabled) {
    duty.stage.set_enabled(*duty.anna, true);
  }
  duty.stage.run_for(30min);
  EXPECT_EQ(Profiled::types(told_at.chat).back(), "notice.recovered");
  EXPECT_TRUE(told_at.phone.calls.empty());  // whoever heard of no failure hears of no end
  duty.stage.stop();
}

TEST(NoticesAtProfiles, Wait_for_the_end_of_the_quiet_hours_over_the_change_of_the_clock) {
  Profiled told_at(303, R"({"name":"duty","channels":[
      {"type":"webhook","name":"chat","url":"http://chat.test/in"}],"quiet_hours":
      {"time_of_day":{"from":"22:00","to":"06:00"},"time_zone":"Europe/Berlin"}})");
  auto& duty = told_at.duty;
  auto& world = duty.stage.world;
  world.jump_wall_clock(*parse_rfc3339("2026-10-24T21:00:00Z") - world.now());  // 23:00
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(2h);
  EXPECT_EQ(told(*duty.post->smtp).front(), "FAILING");  // mail does not wait
  EXPECT_TRUE(told_at.chat.calls.empty());
  duty.stage.restart();
  duty.stage.run_for(*parse_rfc3339("2026-10-25T04:59:00Z") - world.now());
  EXPECT_TRUE(told_at.chat.calls.empty());
  duty.stage.run_for(2min);

  // Of all that was to be told in the night the last.
  EXPECT_EQ(told_at.chat.calls.size(), 1U);
  duty.stage.stop();
}

TEST(NoticesAtProfiles, Of_what_is_over_at_the_end_of_the_quiet_hours_nothing_is_told) {
  Profiled told_at(304, R"({"name":"duty","channels":[
      {"type":"webhook","name":"chat","url":"http://chat.test/in"}],"quiet_hours":
      {"time_of_day":{"from":"00:00","to":"06:00"},"time_zone":"UTC"}})");
  auto& duty = told_at.duty;
  duty.down(*duty.anna);
  duty.stage.run_for(20min);
  duty.anna->imap->serve();
  duty.stage.run_for(12h);

  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  EXPECT_TRUE(told_at.chat.calls.empty());
  duty.stage.stop();
}

TEST(NoticesAtProfiles, A_later_step_comes_at_once_when_mail_cannot_go) {
  Profiled told_at(305, two_steps);
  auto& duty = told_at.duty;
  duty.stage.world.refuse(duty.post->smtp->host());
  duty.down(*duty.anna);
  duty.stage.run_for(8min);

  EXPECT_GE(told_at.chat.calls.size(), 1U);
  ASSERT_GE(told_at.phone.calls.size(), 1U);
  const auto& told = told_at.phone.calls[0];
  EXPECT_NE(told.body.find("Not told by post"), std::string::npos) << told.body;
  // That mail does not go is a problem, and the other channels tell of it.
  EXPECT_TRUE(told_at.lists("notices by mail"));
  duty.stage.run_for(20min);
  const auto& calls = told_at.chat.calls;
  const auto of_mail = [](const auto& call) {
    return call.body.find("notices by mail") != std::string::npos;
  };
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), of_mail), 1);

  duty.post->smtp->serve();
  duty.stage.run_for(2h);
  EXPECT_FALSE(told_at.lists("notices by mail"));
  duty.stage.stop();
}

TEST(NoticesAtProfiles, A_failing_channel_stops_no_other_and_is_a_problem_that_is_told_once) {
  Profiled told_at(306, R"({"name":"duty","channels":[
      {"type":"webhook","name":"hangs","url":"http://hangs.test/in"},
      {"type":"webhook","name":"chat","url":"http://chat.test/in"}]})");
  auto& duty = told_at.duty;
  PlayedAlerts hangs(duty.stage.world, "hangs.test");
  hangs.hangs = true;
  duty.down(*duty.anna);
  duty.stage.run_for(3min);
  ASSERT_GE(told_at.chat.calls.size(), 1U);
  EXPECT_LE(told_at.chat.calls[0].at - hangs.calls.at(0).at, 1s);  // none waits for another
  EXPECT_EQ(told(*duty.post->smtp).front(), "FAILING");

  duty.stage.restart();
  duty.stage.run_for(3h);
  EXPECT_TRUE(told_at.lists("notices by duty: hangs"));
  const auto& mails = duty.post->smtp->taken();
  const auto of_channel = [](const auto& mail) {
    return mail.bytes.find("notices by duty: hangs") != std::string::npos;
  };
  // By mail and in the chat, once each; never by the channel itself, and no problem of that.
  EXPECT_EQ(std::count_if(mails.begin(), mails.end(), of_channel), 1);
  const auto in_chat =
      std::count_if(told_at.chat.calls.begin(), told_at.chat.calls.end(), [](const auto& call) {
        return call.body.find("notices by duty: hangs") != std::string::npos;
      });
  EXPECT_EQ(in_chat, 1);
  for (const auto& call : hangs.calls) {
    EXPECT_EQ(call.body.find("notices by duty"), std::string::npos);
  }

  hangs.hangs = false;
  duty.anna->imap->serve();
  if (duty.stage.status(*duty.anna).incoming_state == DirectionState::disabled) {
    duty.stage.set_enabled(*duty.anna, true);
  }
  duty.stage.run_for(1h);
  duty.down(*duty.anna);
  duty.stage.run_for(30min);
  EXPECT_FALSE(told_at.lists("notices by duty: hangs"));
  duty.stage.stop();
  duty.stage.world.stop_servers();
}

TEST(NoticesAtProfiles, A_mail_channel_goes_past_the_failing_account_like_any_notice) {
  Profiled told_at(307, R"({"name":"duty","channels":[
      {"type":"email","name":"boss","to":["boss@else.test"]}]})",
                   false);
  auto& duty = told_at.duty;
  duty.down(*duty.anna);
  duty.stage.run_for(10min);
  ASSERT_EQ(duty.post->smtp->taken().size(), 1U);
  EXPECT_EQ(duty.post->smtp->taken()[0].recipients, Lines{"boss@else.test"});

  duty.down(*duty.post);
  duty.stage.run_for(1h);
  for (const auto& mail : duty.post->smtp->taken()) {
    EXPECT_EQ(field(mail.bytes, "Subject").find(": post"), std::string::npos);
  }
  duty.stage.stop();
}

TEST(NoticesAtProfiles, Are_neither_lost_nor_repeated_by_a_death_at_any_act) {
  for (std::uint64_t act = 1; act <= 24; ++act) {
    Profiled told_at(400 + act, R"({"name":"duty","channels":[
        {"type":"webhook","name":"chat","url":"http://chat.test/in"}]})",
                     false);
    auto& duty = told_at.duty;
    duty.down(*duty.anna);
    ASSERT_TRUE(duty.comes_to_a_problem());
    duty.stage.gateway->env().die_in_acts(act);
    duty.stage.run_for(5min);

    // What was told when it died, and was not kept, is told again under the same id.
    ASSERT_GE(told_at.chat.calls.size(), 1U) << "act " << act;
    EXPECT_LE(told_at.chat.calls.size(), 2U) << "act " << act;
    for (const auto& call : told_at.chat.calls) {
      EXPECT_EQ(call.headers.at("webhook-id"), told_at.chat.calls[0].headers.at("webhook-id"));
      EXPECT_EQ(call.body, told_at.chat.calls[0].body);
    }
    duty.stage.stop();
  }
}

}  // namespace
}  // namespace postern::sim
