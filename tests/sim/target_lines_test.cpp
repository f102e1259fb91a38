// Stories of the connections that targets behind mail servers keep between mails, and of their
// logins by OAuth.
#include "sim/oauth_story.hpp"
#include "sim/played_folder.hpp"
#include "sim/target_story.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::function<void(Target&)> relay_to(const Account& account, int parallel = 1) {
  return [&account, parallel](Target& target) {
    target.name = "relay";
    target.type = "smtp";
    target.parallel = parallel;
    target.server = {account.smtp->host(), 465, Security::tls};
    target.auth = {AuthMethod::password, "anna@example.test", {}};
    target.recipients = {"one@else.test"};
  };
}

void folder_target(Target& target) {
  target.name = "folder";
  target.type = "imap_append";
  target.parallel = 1;
  target.server = {"folder.test", 993, Security::tls};
  target.auth = {AuthMethod::password, "anna", {}};
  target.folder = "Mail";
}

void expect_all_taken(Stage& stage, TargetId target, std::size_t count) {
  const auto all = handovers_to(stage, target);
  EXPECT_EQ(all.size(), count);
  for (const auto& each : all) {
    EXPECT_EQ(each.state, HandoverState::acknowledged) << each.last_error;
    EXPECT_EQ(each.attempts, 1);
  }
}

TEST(TargetLines, Are_kept_for_the_next_mail_and_closed_when_none_comes) {
  Stage stage(66);
  auto& account = stage.add_account("anna");
  stage.start();
  const auto target = add(stage, relay_to(account), account.password);
  stage.run_for(1min);
  const auto before = stage.world.connection_count(account.smtp->host());
  for (int i = 0; i < 20; ++i) {
    stage.offer(account);
    stage.run_for(5s);
  }
  EXPECT_EQ(stage.world.connection_count(account.smtp->host()), before + 1);

  stage.run_for(31s);
  stage.offer(account);
  stage.run_for(5s);
  EXPECT_EQ(stage.world.connection_count(account.smtp->host()), before + 2);
  expect_all_taken(stage, target, 21);
  stage.stop();
}

TEST(TargetLines, Are_as_many_as_the_target_takes_in_parallel) {
  Stage stage(67);
  auto& account = stage.add_account("anna");
  stage.start();
  const auto target = add(stage, relay_to(account, 3), account.password);
  stage.run_for(1min);
  const auto before = stage.world.connection_count(account.smtp->host());
  account.smtp->manners.thinks = 1s;
  for (int i = 0; i < 30; ++i) stage.offer(account);
  stage.run_for(25s);

  EXPECT_EQ(stage.world.connection_count(account.smtp->host()), before + 3);
  expect_all_taken(stage, target, 30);
  stage.stop();
}

TEST(TargetLines, Are_fresh_where_the_server_ends_them_after_some_mails) {
  Stage stage(68);
  auto& account = stage.add_account("anna");
  stage.start();
  const auto target = add(stage, relay_to(account), account.password);
  stage.run_for(1min);
  account.smtp->manners.mails_max = 3;
  for (int i = 0; i < 10; ++i) {
    stage.offer(account);
    stage.run_for(2s);
  }

  expect_all_taken(stage, target, 10);
  EXPECT_EQ(account.smtp->taken().size(), 10U);
  stage.stop();
}

TEST(TargetLines, To_a_folder_are_one_login_for_many_mails) {
  Stage stage(69);
  PlayedFolder folder(stage.world);
  auto& account = stage.add_account("anna");
  stage.start();
  const auto target = add(stage, folder_target);
  stage.run_for(1min);
  for (int i = 0; i < 10; ++i) {
    stage.offer(account);
    stage.run_for(2s);
  }

  EXPECT_EQ(stage.world.connection_count("folder.test"), 1U);
  EXPECT_EQ(folder.logins, 1);
  EXPECT_EQ(folder.searches, 0);
  expect_all_taken(stage, target, 10);
  stage.run_for(31s);
  stage.offer(account);
  stage.run_for(2s);
  EXPECT_EQ(stage.world.connection_count("folder.test"), 2U);
  stage.stop();
  stage.world.stop_servers();
}

TEST(TargetLines, That_a_folder_ends_at_an_append_are_no_failure_and_make_no_double) {
  Stage stage(70);
  PlayedFolder folder(stage.world);
  folder.cut_before = {2};
  folder.cut_after = {4};
  auto& account = stage.add_account("anna");
  stage.start();
  const auto target = add(stage, folder_target);
  stage.run_for(1min);
  for (int i = 0; i < 5; ++i) {
    stage.offer(account);
    stage.run_for(2s);
  }

  EXPECT_EQ(folder.mails.size(), 5U);
  EXPECT_EQ(folder.searches, 2) << "each cut: was it taken?";
  expect_all_taken(stage, target, 5);
  stage.stop();
  stage.world.stop_servers();
}

class TargetGrant : public OAuthStory {
 protected:
  TargetId relay() {
    const auto grants = stage.gateway->ask(stage.gateway->store().oauth().grants());
    const auto grant = grants.front().id.str();
    return add(stage, [&](Target& target) {
      target.name = "relay";
      target.type = "smtp";
      target.server = {account->smtp->host(), 465, Security::tls};
      target.auth = {AuthMethod::oauth2, "ann@example.test", grant};
      target.recipients = {"one@else.test"};
    });
  }
};

TEST_F(TargetGrant, Logs_a_relay_in_and_a_refused_token_costs_no_attempt) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  const auto target = relay();
  stage.offer(*account);
  stage.run_for(5s);
  ASSERT_EQ(account->smtp->taken().size(), 1U);

  stage.run_for(31s);
  authority->expire_access();
  stage.offer(*account);
  stage.run_for(30s);

  EXPECT_EQ(account->smtp->taken().size(), 2U);
  expect_all_taken(stage, target, 2);
  stage.stop();
}

TEST_F(TargetGrant, That_is_revoked_pauses_the_target_and_says_so) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  const auto target = relay();
  const auto mail = stage.offer(*account);
  EXPECT_TRUE(handed_over(mail));
  stage.run_for(31s);
  authority->revoke_all();
  stage.offer(*account);
  stage.run_for(1min);

  const auto statuses = stage.gateway->ask(stage.gateway->store().targets().statuses());
  const auto& status = statuses.at(target);
  EXPECT_EQ(account->smtp->taken().size(), 1U);
  EXPECT_GE(status.consecutive_errors, 1U);
  EXPECT_EQ(status.waiting, 1U);
  EXPECT_TRUE(status.last_success);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
