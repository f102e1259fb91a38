// Stories of what people are told: an outage, forty accounts of one server, the very account that
// carries notices, disabled ones; and the same with a restart in the middle.
#include "sim/duty.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(Notices, Tell_an_outage_once_and_its_end_once) {
  Duty duty(1);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(1s);
  ASSERT_EQ(duty.problems().size(), 1U);
  EXPECT_EQ(duty.problems()[0].state, ProblemState::pending);

  duty.stage.run_for(10min);
  ASSERT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  const auto failing = duty.post->smtp->taken()[0];
  EXPECT_EQ(failing.recipients, Lines{"duty@else.test"});
  EXPECT_EQ(field(failing.bytes, "Auto-Submitted"), "auto-generated");
  EXPECT_EQ(field(failing.bytes, "X-Auto-Response-Suppress"), "All");
  EXPECT_NE(failing.bytes.find("imap.anna.test"), std::string::npos);
  EXPECT_NE(failing.bytes.find("What happens next"), std::string::npos);
  EXPECT_EQ(duty.problems()[0].state, ProblemState::open);
  EXPECT_EQ(duty.problems()[0].notices, 1);

  duty.anna->imap->serve();
  duty.stage.run_for(20min);
  ASSERT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  EXPECT_EQ(field(duty.post->smtp->taken()[1].bytes, "References"),
            field(failing.bytes, "References"));
  EXPECT_TRUE(duty.problems().empty());
  EXPECT_EQ(duty.problems(ProblemState::closed).size(), 1U);
  duty.stage.stop();
}

TEST(Notices, Tell_nothing_of_a_short_trouble) {
  Duty duty(2);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(2s);
  duty.anna->imap->serve();
  duty.stage.run_for(1h);

  EXPECT_TRUE(told(*duty.post->smtp).empty());
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

TEST(Notices, Tell_the_same_when_the_gateway_is_killed_again_and_again_meanwhile) {
  Duty duty(3);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  for (int i = 0; i < 60; ++i) {
    duty.stage.run_for(17s);
    duty.stage.restart();
  }
  EXPECT_EQ(told(*duty.post->smtp).front(), "FAILING");
  const auto failing = told(*duty.post->smtp).size();
  duty.anna->imap->serve();
  if (duty.stage.status(*duty.anna).incoming_state == DirectionState::disabled) {
    duty.stage.set_enabled(*duty.anna, true);
  }
  for (int i = 0; i < 60; ++i) {
    duty.stage.run_for(17s);
    duty.stage.restart();
  }
  duty.stage.run_for(20min);

  // It failed, was disabled after ten tries, and came back.
  const auto all = told(*duty.post->smtp);
  EXPECT_EQ(failing, 2U);
  EXPECT_EQ(all, (Lines{"FAILING", "FAILING", "RECOVERED"}));
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

TEST(Notices, Are_not_lost_by_a_death_at_any_act) {
  for (std::uint64_t act = 1; act <= 24; ++act) {
    Duty duty(100 + act);
    duty.stage.start();
    duty.stage.run_for(1min);
    duty.down(*duty.anna);
    ASSERT_TRUE(duty.comes_to_a_problem());
    duty.stage.gateway->env().die_in_acts(act);
    duty.stage.run_for(5min);

    // A mail whose end nobody heard may come twice, as any other.
    const auto lines = told(*duty.post->smtp);
    EXPECT_GE(lines.size(), 1U) << "act " << act;
    EXPECT_LE(lines.size(), 2U) << "act " << act;
    duty.stage.stop();
  }
}

TEST(Notices, Of_forty_accounts_on_one_server_are_one_and_one_recovery) {
  Duty duty(4);
  duty.add_to_server_of_anna(39);
  duty.stage.start();
  duty.stage.run_for(2min);
  duty.down(*duty.anna);
  duty.stage.run_for(10min);
  ASSERT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  const auto subject = field(duty.post->smtp->taken()[0].bytes, "Subject");
  EXPECT_NE(subject.find("40 integrations"), std::string::npos) << subject;

  duty.anna->imap->serve();
  duty.stage.run_for(30min);
  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

TEST(Notices, Of_the_account_that_carries_them_go_by_the_alert_transport) {
  Duty duty(5, true);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.post);
  duty.stage.run_for(10min);

  EXPECT_TRUE(told(*duty.post->smtp).empty());
  ASSERT_EQ(told(duty.alerts), Lines{"FAILING"});
  EXPECT_EQ(duty.alerts.taken()[0].sender, "");
  EXPECT_NE(duty.alerts.taken()[0].bytes.find("it is what this is about"), std::string::npos);
  duty.stage.stop();
}

TEST(Notices, Go_by_the_alert_transport_while_the_default_account_cannot_send) {
  Duty duty(6, true);
  duty.post->smtp->manners.refuses_login = true;
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(10min);

  EXPECT_TRUE(told(*duty.post->smtp).empty());
  EXPECT_FALSE(told(duty.alerts).empty());
  EXPECT_EQ(told(duty.alerts)[0], "FAILING");
  duty.stage.stop();
}

TEST(Notices, Without_any_way_out_stay_in_the_list_and_raise_no_storm) {
  Duty duty(7);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.post);
  duty.stage.run_for(1h);

  EXPECT_TRUE(told(*duty.post->smtp).empty());
  const auto problems = duty.problems();
  const auto of = [&](ProblemClass wanted) {
    return std::count_if(problems.begin(), problems.end(),
                         [&](const auto& each) { return each.key.of == wanted; });
  };
  EXPECT_EQ(of(ProblemClass::connection), 1);
  EXPECT_EQ(of(ProblemClass::channel), 1);
  EXPECT_EQ(problems.size(), 2U);

  // What is over before it could be told is a line of a summary.
  duty.post->imap->serve();
  duty.stage.set_enabled(*duty.post, true);
  duty.stage.run_for(1h);
  EXPECT_EQ(told(*duty.post->smtp), Lines{"SUMMARY"});
  duty.stage.stop();
}

TEST(Notices, Tell_that_an_account_was_disabled_and_that_it_is_back) {
  Duty duty(8);
  duty.anna->imap->manners.refuses_login = true;
  duty.stage.start();
  duty.stage.run_for(24h);
  EXPECT_EQ(duty.stage.status(*duty.anna).incoming_state, DirectionState::disabled);
  // Refused logins lock accounts: five, not ten.
  const auto connections = duty.stage.world.connection_count(duty.anna->imap->host());
  EXPECT_EQ(connections, 5U);
  auto lines = told(*duty.post->smtp);
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[0], "FAILING");
  EXPECT_EQ(lines[1], "FAILING");
  EXPECT_NE(duty.post->smtp->taken()[1].bytes.find("disabled"), std::string::npos);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "RECOVERED"), 0);

  duty.anna->imap->manners.refuses_login = false;
  duty.stage.set_enabled(*duty.anna, true);
  duty.stage.run_for(5min);
  lines = told(*duty.post->smtp);
  EXPECT_EQ(lines.back(), "RECOVERED");
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

TEST(Notices, Tell_nothing_of_what_is_switched_off_by_hand) {
  Duty duty(9);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(1s);
  duty.stage.set_enabled(*duty.anna, false);
  duty.stage.run_for(24h);

  EXPECT_TRUE(told(*duty.post->smtp).empty());
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

}  // namespace
}  // namespace postern::sim
