// Stories of event rules that send mail: by which account, and never about themselves; and of a
// profile whose problem a person has taken up.
#include "core/event_rule.hpp"
#include "flows/hub.hpp"
#include "sim/duty.hpp"
#include "sim/played_alerts.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

void add_rule(Stage& stage, std::string_view text) {
  auto read = parse_event_rule(boost::json::parse(text));
  POSTERN_ASSERT(std::holds_alternative<EventRuleDraft>(read));
  auto made = stage.gateway->store().event_rules().create(std::get<EventRuleDraft>(std::move(read)),
                                                          "story", stage.world.now());
  stage.gateway->ask(std::move(made));
}

std::size_t mails_to(const PlayedSmtp& smtp, const std::string& whom) {
  std::size_t count = 0;
  for (const auto& mail : smtp.taken()) count += mail.recipients == Lines{whom} ? 1 : 0;
  return count;
}

TEST(EventMails, Are_no_news_themselves) {
  Duty duty(31);
  duty.stage.start();
  add_rule(duty.stage, R"({"name":"r","when":{"kinds":["*"]},"then":[
      {"type":"email","to":["boss@else.test"]}],"max_frequency_s":0})");
  duty.stage.send(*duty.anna, {"one@else.test"});
  duty.stage.run_for(3h);

  EXPECT_EQ(mails_to(*duty.anna->smtp, "one@else.test"), 1U);
  EXPECT_EQ(mails_to(*duty.post->smtp, "boss@else.test"), 1U);
  duty.stage.stop();
}

TEST(EventMails, Go_by_the_account_they_tell_of_when_that_does_not_fail) {
  Duty duty(32);
  duty.stage.start();
  add_rule(duty.stage, R"({"name":"r","when":{"kinds":["message.sent"]},"then":[
      {"type":"email","to":["boss@else.test"]}]})");
  duty.stage.send(*duty.post, {"one@else.test"});
  duty.stage.run_for(5min);

  EXPECT_EQ(mails_to(*duty.post->smtp, "boss@else.test"), 1U);
  duty.stage.stop();
}

TEST(EventMails, Do_not_go_by_the_account_whose_failure_they_tell_of) {
  Duty duty(33);
  duty.stage.start();
  duty.stage.run_for(1min);
  add_rule(duty.stage, R"({"name":"r","when":{"kinds":["imap.connection_failed"]},"then":[
      {"type":"email","to":["boss@else.test"]}]})");
  duty.down(*duty.post);
  duty.stage.run_for(1h);

  EXPECT_EQ(mails_to(*duty.post->smtp, "boss@else.test"), 0U);
  duty.stage.stop();
}

TEST(Profiles, Stop_at_the_step_before_which_somebody_has_taken_it_up) {
  for (const bool taken_up : {false, true}) {
    Duty duty(34);
    PlayedAlerts alerts(duty.stage.world, "alerts.test");
    duty.stage.start();
    duty.stage.run_for(1min);
    auto read = parse_profile(boost::json::parse(R"({"name":"duty","channels":[
        {"type":"webhook","name":"chat","url":"http://alerts.test/chat"},
        {"type":"webhook","name":"phone","url":"http://alerts.test/phone"}],
        "steps":[{"channels":["chat"]},{"after_s":1800,"channels":["phone"]}]})"));
    ASSERT_TRUE(std::holds_alternative<ProfileDraft>(read));
    auto made = duty.stage.gateway->store().profiles().create(
        std::get<ProfileDraft>(std::move(read)), "story", duty.stage.world.now());
    const auto profile = duty.stage.gateway->ask(std::move(made)).value.id;
    add_rule(duty.stage, R"({"name":"r","when":{"kinds":["imap.connection_failed"]},"then":[)"
                         R"({"type":"profile","profile":")" +
                             profile.str() + "\"}]}");
    duty.down(*duty.anna);
    duty.stage.run_for(10min);
    ASSERT_EQ(duty.problems().size(), 1U);
    if (taken_up) {
      auto& hub = duty.stage.gateway->hub();
      duty.stage.gateway->ask(hub.acknowledge_problem(duty.problems()[0].id, "ann"));
    }
    duty.stage.run_for(1h);

    EXPECT_EQ(alerts.calls.size(), taken_up ? 1U : 2U);
    duty.stage.stop();
    duty.stage.world.stop_servers();
  }
}

}  // namespace
}  // namespace postern::sim
