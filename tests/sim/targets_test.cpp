// Stories of targets that are broken, dead or slow, of every carrier, beside one that is well.
#include "sim/played_folder.hpp"
#include "sim/stage.hpp"
#include "sim/target_story.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(Targets, Of_every_carrier_that_are_dead_delay_no_other) {
  Stage stage(60);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  add(stage, [](Target& target) {
    target.name = "dead helpdesk";
    target.type = "osticket";
    target.url = "http://nowhere.test";
    target.required = false;
  });
  add(stage, [](Target& target) {
    target.name = "dead relay";
    target.type = "smtp";
    target.server = {"nowhere.test", 25, Security::none};
    target.recipients = {"a@b.test"};
    target.timeout = 600s;
    target.required = false;
  });
  add(stage, [](Target& target) {
    target.name = "dead folder";
    target.type = "imap_append";
    target.server = {"nowhere.test", 993, Security::tls};
    target.folder = "INBOX";
    target.required = false;
  });
  stage.run_for(1min);
  for (int i = 0; i < 30; ++i) {
    const auto offered = stage.world.steady();
    const auto sha256 = stage.offer(account);
    stage.run_for(1s);
    ASSERT_EQ(hook.ids_of(sha256).size(), 1U);
    EXPECT_LE(hook.mails().at(hook.ids_of(sha256).front()).first_acknowledged - offered, 1s);
  }
  stage.stop();
}

TEST(Targets, That_are_broken_are_paused_and_take_all_when_they_are_back) {
  Stage stage(61);
  auto& hook = stage.add_target("desk", [](Target& target) { target.parallel = 2; });
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  hook.manners.answers_500 = 1;
  for (int i = 0; i < 100; ++i) stage.offer(account);
  stage.run_for(4min);

  // Without the pause each of the hundred would have been tried at once, and again 5 s later.
  EXPECT_LE(hook.calls().size(), 60U);
  EXPECT_GE(hook.calls().size(), 6U);
  hook.manners.answers_500 = 0;
  stage.run_for(10min);

  std::size_t taken = 0;
  for (const auto& [id, mail] : hook.mails()) taken += mail.acknowledged > 0 ? 1 : 0;
  EXPECT_EQ(taken, 100U);
  EXPECT_TRUE(hook.mistakes().empty());
  stage.stop();
}

TEST(Targets, That_hang_keep_nobody_from_the_first_retry_within_14_seconds) {
  Stage stage(62);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  hook.manners.hangs = 1;
  stage.offer(account);
  stage.run_for(1s);
  hook.manners.hangs = 0;
  hook.manners.answers_500 = 1;
  const auto begun = stage.world.steady();
  stage.offer(account);
  stage.run_for(14s);

  std::size_t since = 0;
  for (const auto& call : hook.calls()) since += call.at >= begun ? 1U : 0U;
  EXPECT_GE(since, 2U) << "the second mail, and its first retry, while the first still hangs";
  stage.stop();
}

TEST(Targets, Park_a_mail_that_is_refused_and_wait_where_they_themselves_are_locked_out) {
  Stage stage(63);
  auto& account = stage.add_account("anna");
  stage.start();
  const auto relay = [&](const char* name, const char* recipient) {
    return [&account, name, recipient](Target& target) {
      target.name = name;
      target.type = "smtp";
      target.server = {account.smtp->host(), 587, Security::starttls};
      target.auth = {AuthMethod::password, "anna@example.test", {}};
      target.recipients = {recipient};
    };
  };
  const auto good = add(stage, relay("good", "one@else.test"), account.password);
  const auto refusing = add(stage, relay("refusing", "refused@else.test"), account.password);
  const auto locked = add(stage, relay("locked out", "one@else.test"), "wrong");
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);

  ASSERT_EQ(handovers_to(stage, good).size(), 1U);
  EXPECT_EQ(handovers_to(stage, good).front().state, HandoverState::acknowledged);
  ASSERT_EQ(account.smtp->taken().size(), 1U);
  const auto parked = handovers_to(stage, refusing).front();
  EXPECT_EQ(parked.state, HandoverState::parked);
  EXPECT_EQ(parked.attempts, 1);
  EXPECT_TRUE(parked.last_error.starts_with("refused for good: ")) << parked.last_error;
  const auto waiting = handovers_to(stage, locked).front();
  EXPECT_EQ(waiting.state, HandoverState::waiting);
  EXPECT_GE(waiting.attempts, 1);
  stage.stop();
}

TEST(Targets, That_lose_the_line_after_the_final_dot_get_the_mail_under_the_same_resent_id) {
  Stage stage(64);
  auto& account = stage.add_account("anna");
  stage.start();
  const auto relay = add(
      stage,
      [&](Target& target) {
        target.name = "relay";
        target.type = "smtp";
        target.server = {account.smtp->host(), 465, Security::tls};
        target.auth = {AuthMethod::password, "anna@example.test", {}};
        target.recipients = {"one@else.test"};
      },
      account.password);
  stage.run_for(1min);
  account.smtp->manners.cut_after_taking = 1;
  stage.offer(account);
  stage.run_for(2s);
  account.smtp->manners.cut_after_taking = 0;
  stage.run_for(1min);

  const auto all = handovers_to(stage, relay);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().state, HandoverState::acknowledged);
  EXPECT_EQ(all.front().attempts, 2);
  EXPECT_EQ(account.smtp->taken().size(), 2U);
  stage.stop();
}

TEST(Targets, That_lose_the_line_after_an_append_have_the_mail_once_and_take_the_next) {
  Stage stage(65);
  PlayedFolder folder(stage.world);
  folder.cut_after = {1};
  auto& account = stage.add_account("anna");
  stage.start();
  const auto target = add(stage, [](Target& value) {
    value.name = "folder";
    value.type = "imap_append";
    value.server = {"folder.test", 993, Security::tls};
    value.auth = {AuthMethod::password, "anna", {}};
    value.folder = "Mail";
  });
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);
  EXPECT_EQ(folder.mails.size(), 1U);
  EXPECT_EQ(folder.searches, 1);
  stage.offer(account);
  stage.run_for(1min);

  EXPECT_EQ(folder.mails.size(), 2U);
  const auto all = handovers_to(stage, target);
  ASSERT_EQ(all.size(), 2U);
  for (const auto& each : all) EXPECT_EQ(each.state, HandoverState::acknowledged);
  stage.stop();
  stage.world.stop_servers();
}

}  // namespace
}  // namespace postern::sim
