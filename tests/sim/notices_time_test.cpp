// Stories of notices over time: flapping, reminders, silences, what is stale, clocks that jump.
#include "sim/duty.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(NoticesInTime, Say_once_that_an_account_fails_and_works_in_turn) {
  Duty duty(10);
  duty.stage.start();
  duty.stage.run_for(1min);
  for (int i = 0; i < 8; ++i) {
    duty.down(*duty.anna);
    duty.stage.run_for(2s);
    duty.anna->imap->serve();
    duty.stage.run_for(4min);
    if (i == 5) duty.stage.restart();
  }
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING AGAIN AND AGAIN"});
  duty.stage.run_for(1h);

  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING AGAIN AND AGAIN", "RECOVERED"}));
  duty.stage.stop();
}

TEST(NoticesInTime, Remind_until_somebody_takes_it_on) {
  Duty duty(11);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(5h);
  auto lines = told(*duty.post->smtp);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "STILL FAILING"), 1);

  const auto id = duty.problems()[0].id;
  duty.stage.gateway->ask(duty.stage.gateway->hub().acknowledge_problem(id, "ann"));
  duty.stage.run_for(72h);
  EXPECT_EQ(told(*duty.post->smtp).size(), lines.size());
  EXPECT_EQ(duty.problems()[0].acknowledged_by, "ann");
  duty.stage.stop();
}

TEST(NoticesInTime, Wait_for_the_end_of_a_silence) {
  Duty duty(12);
  duty.stage.start();
  Silence silence;
  silence.integrations = {duty.anna->id.str()};
  silence.until = duty.stage.world.now() + 30min;
  duty.stage.gateway->ask(
      duty.stage.gateway->store().silences().create(silence, "ann", duty.stage.world.now()));
  duty.stage.gateway->hub().monitoring_changed();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(28min);
  EXPECT_TRUE(told(*duty.post->smtp).empty());
  EXPECT_EQ(duty.problems().size(), 1U);

  duty.stage.run_for(5min);
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  duty.stage.stop();
}

TEST(NoticesInTime, Come_of_no_success_for_too_long_whatever_the_counters_say) {
  Duty duty(13);
  flows::FlowOptions options;
  options.notify_after = 10'000;
  options.disable_after = 10'000;
  options.monitoring.recipients = {"duty@else.test"};
  duty.stage.set_options(options);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  duty.stage.run_for(20min);
  EXPECT_TRUE(told(*duty.post->smtp).empty());
  duty.stage.restart();
  duty.stage.run_for(25min);
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  EXPECT_EQ(duty.stage.events("integration.stale").size(), 1U);

  duty.anna->imap->serve();
  duty.stage.run_for(30min);
  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  duty.stage.stop();
}

TEST(NoticesInTime, Are_the_same_when_the_clock_jumps) {
  Duty duty(14);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.stage.world.jump_wall_clock(24h * 365);
  duty.stage.run_for(2h);
  EXPECT_TRUE(told(*duty.post->smtp).empty());  // nothing is stale by the clock alone
  duty.down(*duty.anna);
  duty.stage.run_for(5min);
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  duty.stage.world.jump_wall_clock(24h * 30);
  duty.stage.run_for(2min);
  duty.stage.world.jump_wall_clock(-24h * 300);
  duty.stage.run_for(2min);
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});

  duty.anna->imap->serve();
  duty.stage.run_for(20min);
  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  duty.stage.stop();
}

}  // namespace
}  // namespace postern::sim
