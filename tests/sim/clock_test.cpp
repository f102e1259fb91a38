// Stories of a clock that is set while things wait for their time. Promise 24.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration year = 365 * 24h;

class SetClock : public testing::TestWithParam<int> {
 protected:
  SetClock() : stage(71), hook(stage.add_target("desk")) {}

  void deletes(Integration& value) { value.incoming.after_fetch.action = AfterFetch::remove; }
  Account& add_account() {
    auto& account = stage.add_account("anna", [this](auto& value) { deletes(value); });
    stage.start();
    stage.run_for(1min);
    return account;
  }
  /// A mail whose first hand-over was refused.
  std::string offer_in_vain(Account& account) {
    hook.manners.answers_500 = 1;
    const auto sha256 = stage.offer(account);
    stage.run_for(2s);
    EXPECT_EQ(hook.calls().size(), 1U);
    hook.manners.answers_500 = 0;
    return sha256;
  }
  bool is_taken(const std::string& sha256) {
    const auto ids = hook.ids_of(sha256);
    return ids.size() == 1 && hook.mails().at(ids.front()).acknowledged == 1;
  }
  void set_clock() { stage.world.jump_wall_clock(GetParam() * year); }

  Stage stage;
  PlayedWebhook& hook;
};

// Found by tests/chaos/run --seed 1 clock: after a year back the next try was a year away.
TEST_P(SetClock, Keeps_no_hand_over_waiting_for_longer_than_it_would_have) {
  auto& account = add_account();
  const auto sha256 = offer_in_vain(account);

  set_clock();
  stage.run_for(30s);

  EXPECT_TRUE(is_taken(sha256));
  EXPECT_EQ(hook.calls().size(), 2U) << "no storm of calls";
  EXPECT_EQ(account.imap->mails().size(), 0U) << "what is due after it is done in its time too";
  EXPECT_EQ(account.imap->logins(), 1U);
  stage.stop();
}

TEST_P(SetClock, Does_so_when_it_is_set_between_two_lives) {
  auto& account = add_account();
  const auto sha256 = offer_in_vain(account);

  stage.kill();
  set_clock();
  stage.start();
  stage.run_for(2min);

  EXPECT_TRUE(is_taken(sha256));
  EXPECT_EQ(account.imap->mails().size(), 0U);
  stage.stop();
}

TEST_P(SetClock, Leaves_a_mail_that_comes_next_alone) {
  auto& account = add_account();

  set_clock();
  const auto sha256 = stage.offer(account);
  stage.run_for(1s);

  EXPECT_TRUE(is_taken(sha256)) << "before anybody has seen that the clock was set";
  stage.run_for(1min);
  EXPECT_EQ(hook.calls().size(), 1U);
  EXPECT_EQ(account.imap->mails().size(), 0U);
  stage.stop();
}

// Found by the same: set forward, what waited for its second attempt ended with 54.
TEST_P(SetClock, Does_not_make_a_mail_too_old_to_be_sent) {
  auto& account = add_account();
  auto& call = stage.send(account, {"later@else.test"});
  stage.run_for(2s);
  ASSERT_TRUE(call.promised);
  ASSERT_EQ(stage.delivery(call).outcome.state, DeliveryState::queued);

  set_clock();
  stage.run_for(20min);  // attempts that end with 450, too
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::queued);
  account.smtp->manners.keeps_later = false;
  stage.run_for(2h);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST_P(SetClock, Gives_a_mail_that_waits_its_whole_time_and_no_more) {
  flows::FlowOptions options;
  options.outgoing_retry = {3s};  // some are tried before anybody has seen that it was set
  options.outgoing_for = 10min;
  stage.set_options(options);
  auto& account = add_account();
  auto& call = stage.send(account, {"later@else.test"});
  stage.run_for(3min);

  set_clock();
  stage.run_for(5min);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::queued);
  stage.run_for(5min);

  const auto delivery = stage.delivery(call);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::failed);
  EXPECT_EQ(delivery.outcome.result_code, 54);
  stage.stop();
}

/// Things that are kept for some days, and are done with.
struct Kept {
  explicit Kept(Stage& of) : stage(of) {
    flows::FlowOptions options;
    options.retention_days = 30;
    options.retention_sent_days = 30;
    stage.set_options(options);
  }
  void make(Account& account) {
    stage.offer(account);
    call = &stage.send(account, {"one@else.test"});
    stage.run_for(1min);
    ASSERT_EQ(stage.delivery(*call).outcome.state, DeliveryState::sent);
    event = stage.events("message.received").size();
    ASSERT_EQ(event, 1U);
  }
  std::uint64_t mails() { return stage.gateway->ask(stage.gateway->store().messages().count()); }
  bool delivery_is_there() {
    return stage.world.run(stage.gateway->store().deliveries().get(*call->promised)).has_value();
  }
  void expect_all(const char* when) {
    EXPECT_EQ(mails(), 1U) << when;
    EXPECT_TRUE(delivery_is_there()) << when;
    EXPECT_EQ(stage.events("message.received").size(), event) << when;
  }

  Stage& stage;
  Call* call = nullptr;
  std::size_t event = 0;
};

TEST_P(SetClock, Removes_nothing_that_was_to_be_kept_for_longer) {
  Kept kept(stage);
  auto& account = add_account();
  kept.make(account);

  set_clock();
  stage.run_for(50h);
  kept.expect_all("for some days, until somebody has seen it");

  stage.world.jump_wall_clock(-GetParam() * year);
  stage.run_for(2h);
  kept.expect_all("when it was put right");
  stage.stop();
}

TEST_P(SetClock, Removes_nothing_when_it_is_set_between_two_lives) {
  Kept kept(stage);
  auto& account = add_account();
  kept.make(account);
  const auto sent = account.smtp->taken().size();

  stage.kill();
  set_clock();
  stage.start();
  stage.run_for(5min);
  kept.expect_all("at the start");
  stage.repeat(*kept.call);
  stage.run_for(2h);
  EXPECT_EQ(account.smtp->taken().size(), sent) << "an Idempotency-Key is known still";

  stage.restart();
  stage.run_for(24h);
  kept.expect_all("in the life after that");
  stage.stop();
}

INSTANTIATE_TEST_SUITE_P(By_a_year, SetClock, testing::Values(-1, 1));

TEST(ClockThatIsLed, Moves_nothing) {
  Stage stage(72);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  hook.manners.answers_500 = 1;
  stage.offer(account);
  stage.run_for(10min);
  const auto calls = hook.calls().size();
  ASSERT_EQ(calls, 3U);

  for (int step = 0; step < 60; ++step) {
    stage.world.jump_wall_clock(step % 2 == 0 ? 2s : -2s);
    stage.run_for(10s);
  }

  EXPECT_EQ(hook.calls().size(), calls);
  EXPECT_EQ(stage.log.find("the clock was set"), std::string::npos);
  stage.stop();
}

// Ids follow time and never go back: a mail of the year that was not comes before all later ones.
TEST(ClockThatWasAhead, Keeps_no_mail_that_came_after_it_for_longer) {
  Stage stage(74);
  flows::FlowOptions options;
  options.retention_days = 1;
  stage.set_options(options);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.world.jump_wall_clock(year);
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);
  stage.world.jump_wall_clock(-year);
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);
  ASSERT_EQ(stage.gateway->ask(stage.gateway->store().messages().count()), 2U);

  stage.run_for(8 * 24h);  // the week of doubt, and a day

  EXPECT_EQ(stage.gateway->ask(stage.gateway->store().messages().count()), 1U);
  stage.stop();
}

// Set right after a year too far, or after a year in a drawer: either way it ends.
TEST(ClockThatLeapt, Is_believed_after_a_week_and_bounds_hold_until_then) {
  Stage stage(73);
  flows::FlowOptions options;
  options.retention_days = 2;
  options.retention_messages = 3;
  stage.set_options(options);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  const auto mails = [&stage] {
    return stage.gateway->ask(stage.gateway->store().messages().count());
  };
  stage.start();
  stage.run_for(1min);
  for (int mail = 0; mail < 5; ++mail) stage.offer(account);
  stage.run_for(10s);

  stage.world.jump_wall_clock(year);
  stage.run_for(6 * 24h);
  EXPECT_EQ(mails(), 3U);
  stage.run_for(25h);

  EXPECT_EQ(mails(), 0U);
  EXPECT_NE(stage.log.find("nothing is removed by its age"), std::string::npos);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
