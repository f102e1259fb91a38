// Stories of hand-overs: a target's schedule, its patience, its end.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct Handing {
  explicit Handing(std::uint64_t seed)
      : stage(seed), hook(stage.add_target("desk")), account(stage.add_account("anna")) {
    stage.start();
    stage.run_for(1min);
  }
  HandoverState state_of(const std::string& sha256) {
    const auto ids = hook.ids_of(sha256);
    EXPECT_EQ(ids.size(), 1U);
    storage::PageRequest page;
    page.limit = 500;
    const auto all = stage.gateway->ask(stage.gateway->store().handovers().list({}, page));
    for (const auto& handover : all.items) {
      if (!ids.empty() && handover.id.str() == ids.front()) return handover.state;
    }
    ADD_FAILURE() << "no such hand-over";
    return HandoverState::cancelled;
  }
  Stage stage;
  PlayedWebhook& hook;
  Account& account;
};

TEST(Handover, Follows_the_schedule_then_parks) {
  Handing handing(1);
  handing.hook.manners.answers_500 = 1;
  const std::vector<Duration> schedule = {5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};

  const auto sha256 = handing.stage.offer(handing.account);
  handing.stage.run_for(24h * 6);

  const auto& calls = handing.hook.calls();
  ASSERT_EQ(calls.size(), schedule.size() + 1);
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const auto pause = calls[i + 1].at - calls[i].at;
    EXPECT_GE(pause, schedule[i] * 8 / 10) << "pause " << i;
    EXPECT_LE(pause, schedule[i] * 12 / 10 + 1s) << "pause " << i;
  }
  EXPECT_EQ(handing.state_of(sha256), HandoverState::parked);
  EXPECT_EQ(handing.hook.mails().size(), 1U);
  EXPECT_TRUE(handing.hook.mistakes().empty());
  EXPECT_EQ(handing.stage.events("handover.failed").size(), 1U);
  EXPECT_EQ(handing.stage.events("handover.parked").size(), 1U);
  handing.stage.stop();
}

TEST(Handover, Takes_up_a_parked_one_when_told_to) {
  Handing handing(2);
  handing.hook.manners.answers_500 = 1;
  const auto sha256 = handing.stage.offer(handing.account);
  handing.stage.run_for(24h * 6);
  handing.hook.manners.answers_500 = 0;
  ASSERT_FALSE(handing.hook.calls().empty());
  const auto id = HandoverId::parse(handing.hook.calls().front().id);
  ASSERT_TRUE(id);

  auto& life = *handing.stage.gateway;
  life.ask(life.store().handovers().retry(*id, handing.stage.world.now()));
  life.hub().handovers_queued();
  handing.stage.run_for(1s);

  EXPECT_EQ(handing.state_of(sha256), HandoverState::acknowledged);
  handing.stage.stop();
}

TEST(Handover, Has_the_patience_that_retry_after_asks_for) {
  Handing handing(3);
  handing.hook.manners.answers_503 = 1;
  handing.hook.manners.retry_after_s = 1800;

  handing.stage.offer(handing.account);
  handing.stage.run_for(10s);
  handing.hook.manners.answers_503 = 0;
  handing.stage.run_for(1h);

  const auto& calls = handing.hook.calls();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_GE(calls[1].at - calls[0].at, 30min);
  EXPECT_LE(calls[1].at - calls[0].at, 31min);
  EXPECT_TRUE(calls[1].acknowledged());
  handing.stage.stop();
}

TEST(Handover, Disables_a_target_that_is_gone_and_keeps_what_waits) {
  Handing handing(4);
  handing.hook.manners.gone = true;
  const auto sha256 = handing.stage.offer(handing.account);
  handing.stage.run_for(24h);
  EXPECT_EQ(handing.hook.calls().size(), 1U);
  EXPECT_EQ(handing.stage.events("target.disabled").size(), 1U);
  EXPECT_EQ(handing.state_of(sha256), HandoverState::waiting);

  handing.hook.manners.gone = false;
  auto& life = *handing.stage.gateway;
  const auto stored = life.ask(life.store().targets().find("desk"));
  EXPECT_FALSE(stored.value.enabled);
  TargetDraft draft;
  draft.value = stored.value;
  draft.value.enabled = true;
  life.ask(life.store().targets().replace(stored.value.id, draft, std::nullopt, "story",
                                          handing.stage.world.now()));
  life.ask(life.hub().target_changed(stored.value.id));
  handing.stage.run_for(10s);

  EXPECT_EQ(handing.state_of(sha256), HandoverState::acknowledged);
  handing.stage.stop();
}

TEST(Handover, Drops_a_target_that_hangs_within_its_time_out) {
  Handing handing(5);
  handing.hook.manners.hangs = 1;

  handing.stage.offer(handing.account);
  handing.stage.run_for(29s);
  EXPECT_EQ(handing.hook.in_flight(), 1);
  handing.stage.run_for(2s);

  EXPECT_EQ(handing.hook.in_flight(), 0);
  handing.stage.stop();
}

TEST(Handover, Has_no_more_in_flight_than_the_target_allows) {
  Handing handing(6);
  handing.hook.manners.thinks = 10s;

  for (int i = 0; i < 50; ++i) handing.stage.offer(handing.account);
  handing.stage.run_for(10min);

  EXPECT_EQ(handing.hook.mails().size(), 50U);
  EXPECT_EQ(handing.hook.in_flight_max(), 4);
  handing.stage.stop();
}

TEST(Handover, Repeats_id_and_body_when_the_answer_is_lost) {
  Handing handing(7);
  handing.hook.manners.cuts_after_taking = 1;
  const auto sha256 = handing.stage.offer(handing.account);
  handing.stage.run_for(1min);
  handing.stage.restart();
  handing.hook.manners.cuts_after_taking = 0;
  handing.stage.run_for(1h);

  ASSERT_EQ(handing.hook.ids_of(sha256).size(), 1U);
  EXPECT_GE(handing.hook.mails().at(handing.hook.ids_of(sha256).front()).calls, 2);
  EXPECT_TRUE(handing.hook.mistakes().empty());
  EXPECT_EQ(handing.state_of(sha256), HandoverState::acknowledged);
  handing.stage.stop();
}

TEST(Handover, Does_not_let_a_sick_target_delay_another) {
  Handing handing(8);
  auto& sick = handing.stage.add_target("sick");
  sick.manners.hangs = 1;
  handing.stage.gateway->ask(
      handing.stage.gateway->hub().target_changed(handing.stage.targets.at("sick")));
  for (int i = 0; i < 20; ++i) {
    const auto offered = handing.stage.world.steady();
    const auto sha256 = handing.stage.offer(handing.account);
    handing.stage.run_for(1s);
    ASSERT_EQ(handing.hook.ids_of(sha256).size(), 1U);
    const auto& mail = handing.hook.mails().at(handing.hook.ids_of(sha256).front());
    EXPECT_LE(mail.first_acknowledged - offered, 1s);
  }
  handing.stage.stop();
}

}  // namespace
}  // namespace postern::sim
