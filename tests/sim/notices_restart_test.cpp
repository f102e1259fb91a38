// Stories of what people are told, each with a restart in the middle, or with several: what was
// told before is not told again, and what was to come comes.
#include "sim/duty.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

/// As run_for(), with a death at the middle.
void live_through(Duty& duty, Duration duration) {
  duty.stage.run_for(duration / 2);
  duty.stage.restart();
  duty.stage.run_for(duration / 2);
}

TEST(NoticesOverRestarts, An_outage_is_told_once_and_its_end_once) {
  Duty duty(201);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.anna);
  live_through(duty, 10min);
  ASSERT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  duty.stage.restart();

  duty.anna->imap->serve();
  live_through(duty, 30min);
  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  EXPECT_EQ(field(duty.post->smtp->taken()[1].bytes, "References"),
            field(duty.post->smtp->taken()[0].bytes, "References"));
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

TEST(NoticesOverRestarts, Flapping_is_told_once_whenever_the_death_comes) {
  for (int death = 0; death < 8; ++death) {
    Duty duty(210 + static_cast<std::uint64_t>(death));
    duty.stage.start();
    duty.stage.run_for(1min);
    for (int turn = 0; turn < 8; ++turn) {
      duty.down(*duty.anna);
      duty.stage.run_for(2s);
      duty.anna->imap->serve();
      duty.stage.run_for(2min);
      if (turn == death) duty.stage.restart();
      duty.stage.run_for(2min);
    }
    EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING AGAIN AND AGAIN"}) << "death " << death;
    duty.stage.restart();
    duty.stage.run_for(1h);
    EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING AGAIN AND AGAIN", "RECOVERED"}))
        << "death " << death;
    duty.stage.stop();
  }
}

TEST(NoticesOverRestarts, Forty_accounts_on_one_server_are_one_notice_and_one_recovery) {
  Duty duty(220);
  duty.add_to_server_of_anna(39);
  duty.stage.start();
  duty.stage.run_for(2min);
  duty.down(*duty.anna);
  duty.stage.run_for(20s);  // some are over their threshold, some are not
  duty.stage.restart();
  live_through(duty, 10min);
  ASSERT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  const auto subject = field(duty.post->smtp->taken()[0].bytes, "Subject");
  EXPECT_NE(subject.find("40 integrations"), std::string::npos) << subject;

  duty.anna->imap->serve();
  duty.stage.run_for(30s);  // some have recovered, some have not
  duty.stage.restart();
  live_through(duty, 40min);
  EXPECT_EQ(told(*duty.post->smtp), (Lines{"FAILING", "RECOVERED"}));
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

TEST(NoticesOverRestarts, The_default_account_down_is_told_by_the_alert_transport) {
  Duty duty(230, true);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.down(*duty.post);
  live_through(duty, 10min);
  EXPECT_TRUE(told(*duty.post->smtp).empty());
  ASSERT_EQ(told(duty.alerts), Lines{"FAILING"});

  duty.post->imap->serve();
  live_through(duty, 30min);
  // It works again, and so it carries the news of it itself.
  EXPECT_EQ(told(duty.alerts), Lines{"FAILING"});
  EXPECT_EQ(told(*duty.post->smtp), Lines{"RECOVERED"});
  duty.stage.stop();
}

TEST(NoticesOverRestarts, A_notice_never_goes_through_an_account_with_the_failing_login) {
  Duty duty(240, true);
  // Another integration with the very server and login by which notices go.
  IntegrationDraft draft;
  draft.value.name = "twin";
  draft.value.address = "post@example.test";
  draft.value.incoming.enabled = true;
  draft.value.incoming.server.host = duty.post->smtp->host();  // a mail host for both directions
  draft.value.incoming.auth.username = "post@example.test";
  draft.incoming_password = Secret(duty.post->password);
  duty.stage.gateway->ask(duty.stage.gateway->store().integrations().create(
      std::move(draft), "story", duty.stage.world.now()));
  duty.stage.start();
  live_through(duty, 20min);

  EXPECT_TRUE(told(*duty.post->smtp).empty());
  const auto lines = told(duty.alerts);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front(), "FAILING");
  EXPECT_NE(duty.alerts.taken()[0].bytes.find("server and login"), std::string::npos);
  duty.stage.stop();
}

TEST(NoticesOverRestarts, Alert_mail_through_the_failing_account_waits_and_goes_out_once) {
  Duty duty(250);  // no other way
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.stage.world.refuse(duty.post->smtp->host());
  duty.down(*duty.anna);
  live_through(duty, 30min);
  EXPECT_TRUE(told(*duty.post->smtp).empty());

  duty.post->smtp->serve();
  live_through(duty, 2h);
  const auto lines = told(*duty.post->smtp);
  ASSERT_EQ(lines, Lines{"SUMMARY"});
  const auto& mail = duty.post->smtp->taken().front();
  EXPECT_NE(field(mail.bytes, "Subject").find("still FAILING"), std::string::npos);
  EXPECT_NE(mail.bytes.find("imap.anna.test"), std::string::npos);
  duty.stage.stop();
}

TEST(NoticesOverRestarts, What_came_and_went_while_nothing_could_be_sent_is_one_summary) {
  Duty duty(251);
  auto& bert = duty.stage.add_account("bert");
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.stage.world.refuse(duty.post->smtp->host());
  duty.down(*duty.anna);
  duty.stage.run_for(10min);
  duty.down(bert);
  live_through(duty, 30min);
  for (auto* account : {duty.anna, &bert}) {
    account->imap->serve();
    if (duty.stage.status(*account).incoming_state == DirectionState::disabled) {
      duty.stage.set_enabled(*account, true);
    }
  }
  duty.stage.run_for(30min);
  EXPECT_EQ(duty.stage.status(*duty.anna).consecutive_incoming_errors, 0);
  duty.stage.restart();

  duty.post->smtp->serve();
  if (duty.stage.status(*duty.post).outgoing_state == DirectionState::disabled) {
    duty.stage.set_enabled(*duty.post, true);
  }
  duty.stage.run_for(2h);
  const auto lines = told(*duty.post->smtp);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "SUMMARY"),
            static_cast<std::ptrdiff_t>(lines.size()));
  EXPECT_LE(lines.size(), 2U);
  const auto& text = duty.post->smtp->taken().front().bytes;
  EXPECT_NE(field(text, "Subject").find("all is over"), std::string::npos);
  EXPECT_NE(text.find("anna (incoming)"), std::string::npos);
  EXPECT_NE(text.find("bert (incoming)"), std::string::npos);
  duty.stage.stop();
}

TEST(NoticesOverRestarts, One_that_was_disabled_stays_so_until_a_person_enables_it) {
  Duty duty(260);
  duty.anna->imap->manners.refuses_login = true;
  duty.stage.start();
  live_through(duty, 24h);
  ASSERT_EQ(duty.stage.status(*duty.anna).incoming_state, DirectionState::disabled);
  const auto connections = duty.stage.world.connection_count(duty.anna->imap->host());
  duty.stage.restart();
  duty.stage.run_for(24h);
  EXPECT_EQ(duty.stage.world.connection_count(duty.anna->imap->host()), connections);
  auto lines = told(*duty.post->smtp);
  EXPECT_EQ(lines[0], "FAILING");
  EXPECT_EQ(lines[1], "FAILING");  // it is disabled
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "FAILING"), 2);

  duty.anna->imap->manners.refuses_login = false;
  duty.stage.set_enabled(*duty.anna, true);
  duty.stage.restart();
  duty.stage.run_for(10min);
  lines = told(*duty.post->smtp);
  EXPECT_EQ(lines.back(), "RECOVERED");
  EXPECT_TRUE(duty.problems().empty());
  duty.stage.stop();
}

/// Every week from Saturday 22:00 to Sunday 06:00 by the clock of Berlin.
Silence weekly_window() {
  Silence silence;
  silence.reason = "backups";
  Schedule schedule;
  schedule.time_zone = "Europe/Berlin";
  schedule.days = 1U << 5U;  // Saturday; the night belongs to the day on which it begins
  schedule.time_of_day = Schedule::Range{22h, 6h};
  silence.weekly = schedule;
  return silence;
}

TEST(NoticesOverRestarts, A_weekly_window_mutes_what_is_over_at_its_end_and_tells_what_is_not) {
  Duty duty(270);
  duty.stage.start();  // 2026-01-01, a Thursday
  duty.stage.gateway->ask(duty.stage.gateway->store().silences().create(weekly_window(), "ann",
                                                                        duty.stage.world.now()));
  duty.stage.gateway->hub().monitoring_changed();
  const auto until = [&](const char* time) {
    duty.stage.run_for(*parse_rfc3339(time) - duty.stage.world.now());
  };
  until("2026-01-03T22:00:00Z");  // 23:00 in Berlin: inside
  duty.down(*duty.anna);
  live_through(duty, 1h);
  duty.anna->imap->serve();
  live_through(duty, 30min);
  if (duty.stage.status(*duty.anna).incoming_state == DirectionState::disabled) {
    duty.stage.set_enabled(*duty.anna, true);
  }
  until("2026-01-04T12:00:00Z");
  EXPECT_TRUE(told(*duty.post->smtp).empty());

  until("2026-01-11T04:00:00Z");  // 05:00 of the second Sunday
  duty.down(*duty.anna);
  until("2026-01-11T04:40:00Z");
  duty.stage.restart();
  until("2026-01-11T04:59:00Z");
  EXPECT_TRUE(told(*duty.post->smtp).empty());
  EXPECT_EQ(duty.problems().size(), 1U);  // looked at all the same
  until("2026-01-11T05:05:00Z");          // 06:05
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  duty.stage.stop();
}

TEST(NoticesOverRestarts, A_nightly_window_holds_over_the_change_of_the_clock) {
  Duty duty(271);
  duty.stage.world.jump_wall_clock(*parse_rfc3339("2026-10-24T12:00:00Z") - duty.stage.world.now());
  duty.stage.start();
  auto silence = weekly_window();
  silence.weekly->days = Schedule::all_days;
  duty.stage.gateway->ask(
      duty.stage.gateway->store().silences().create(silence, "ann", duty.stage.world.now()));
  duty.stage.gateway->hub().monitoring_changed();
  const auto until = [&](const char* time) {
    duty.stage.run_for(*parse_rfc3339(time) - duty.stage.world.now());
  };
  until("2026-10-24T20:10:00Z");  // 22:10, summer time
  duty.down(*duty.anna);
  until("2026-10-25T00:30:00Z");
  duty.stage.restart();           // the hour that comes twice
  until("2026-10-25T04:55:00Z");  // 05:55, winter time: an hour later than the day before
  EXPECT_TRUE(told(*duty.post->smtp).empty());
  until("2026-10-25T05:05:00Z");
  EXPECT_EQ(told(*duty.post->smtp), Lines{"FAILING"});
  duty.stage.stop();
}

}  // namespace
}  // namespace postern::sim
