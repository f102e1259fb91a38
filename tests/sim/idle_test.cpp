// Stories of IDLE, which is never trusted alone: what it keeps back, silence, floods, bursts.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct Idler {
  explicit Idler(std::uint64_t seed)
      : stage(seed), hook(stage.add_target("desk")), account(stage.add_account("anna")) {}

  void begin() {
    stage.start();
    stage.run_for(1min);
  }

  Stage stage;
  PlayedWebhook& hook;
  Account& account;
};

TEST(Idle, That_hears_nothing_is_found_out_at_its_renewal_whatever_it_says) {
  Idler idler(71);
  idler.account.imap->manners.mutes_idle = true;
  idler.begin();
  ASSERT_EQ(idler.account.imap->idles(), 1U);
  idler.stage.offer(idler.account);
  idler.account.imap->manners.mutes_idle = false;

  idler.stage.run_for(9min + 60s + 10s);

  EXPECT_EQ(idler.hook.calls().size(), 1U);
  EXPECT_LE(idler.account.imap->last_silence(), 9min + 60s + 5s);
  EXPECT_EQ(idler.account.imap->logins(), 2U);
  EXPECT_EQ(idler.stage.status(idler.account).incoming_state, DirectionState::ok);
  idler.stage.stop();
}

TEST(Idle, That_floods_is_ended_and_what_is_new_comes_all_the_same) {
  Idler idler(72);
  idler.begin();
  idler.account.imap->manners.floods_idle = true;
  idler.account.imap->kick();
  idler.stage.run_for(15s);
  idler.stage.offer(idler.account);
  idler.stage.run_for(30s);

  EXPECT_EQ(idler.hook.calls().size(), 1U) << "what is new is fetched before the next IDLE";
  EXPECT_LE(idler.account.imap->logins(), 12U) << "one in five seconds";
  idler.account.imap->manners.floods_idle = false;
  idler.stage.run_for(5min);
  EXPECT_EQ(idler.stage.status(idler.account).incoming_state, DirectionState::ok);
  idler.stage.stop();
}

TEST(Idle, That_is_never_answered_is_polled_from_then_on) {
  Idler idler(74);
  idler.account.imap->manners.ignores_idle = true;
  idler.begin();
  idler.stage.run_for(10min);
  idler.stage.offer(idler.account);
  idler.stage.run_for(2min);

  EXPECT_EQ(idler.account.imap->idles(), 1U);
  EXPECT_EQ(idler.hook.calls().size(), 1U);
  EXPECT_EQ(idler.stage.status(idler.account).incoming_state, DirectionState::ok);
  idler.stage.stop();
}

TEST(Idle, That_is_cut_before_its_answer_is_taken_up_again) {
  Idler idler(75);
  idler.account.imap->manners.ignores_idle = true;
  idler.stage.start();
  idler.stage.run_for(20s);
  ASSERT_EQ(idler.account.imap->idles(), 1U);
  idler.account.imap->manners.ignores_idle = false;
  idler.account.imap->kick();
  idler.stage.run_for(5min);

  EXPECT_GE(idler.account.imap->idles(), 2U);
  idler.stage.stop();
}

TEST(Idle, Makes_one_fetch_of_what_comes_together) {
  Idler idler(73);
  idler.begin();
  const auto before = idler.account.imap->fetches();

  for (int i = 0; i < 500; ++i) idler.stage.offer(idler.account);
  idler.stage.run_for(5s);

  EXPECT_EQ(idler.hook.calls().size(), 500U);
  EXPECT_LE(idler.account.imap->fetches() - before, 5U);
  idler.stage.stop();
}

TEST(Idle, Is_taken_up_at_once_so_that_a_mail_every_0_4_s_leaves_within_a_second) {
  Idler idler(74);
  idler.begin();
  std::map<std::string, Duration> offered;
  for (int i = 0; i < 500; ++i) {
    offered[idler.stage.offer(idler.account)] = idler.stage.world.steady();
    idler.stage.run_for(400ms);
  }
  idler.stage.run_for(2s);

  for (const auto& [sha256, at] : offered) {
    const auto ids = idler.hook.ids_of(sha256);
    ASSERT_EQ(ids.size(), 1U);
    EXPECT_LE(idler.hook.mails().at(ids.front()).first_acknowledged - at, 1s);
  }
  EXPECT_EQ(idler.hook.calls().size(), 500U);
  EXPECT_EQ(idler.account.imap->logins(), 1U);
  idler.stage.stop();
}

}  // namespace
}  // namespace postern::sim
