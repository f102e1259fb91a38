// Stories of an integration that keeps failing: told, disabled, and back when a person says so.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(FailingAccount, Is_disabled_by_itself_and_comes_back_when_it_is_enabled) {
  Stage stage(1);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.refuses_login = true;
  stage.start();

  stage.run_for(24h);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::disabled);
  EXPECT_TRUE(stage.status(account).disabled_reason);
  EXPECT_EQ(stage.world.connection_count(account.imap->host()), 5U);
  EXPECT_EQ(stage.events("integration.disabled").size(), 1U);
  EXPECT_EQ(stage.events("imap.login_failed").size(), 1U);

  stage.run_for(24h * 4);
  EXPECT_EQ(stage.world.connection_count(account.imap->host()), 5U);

  account.imap->manners.refuses_login = false;
  stage.set_enabled(account, true);
  stage.run_for(1min);
  const auto sha256 = stage.offer(account);
  stage.run_for(1min);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  EXPECT_FALSE(stage.status(account).disabled_reason);
  EXPECT_EQ(hook.ids_of(sha256).size(), 1U);
  stage.stop();
}

TEST(FailingAccount, Stays_disabled_over_a_restart) {
  Stage stage(2);
  auto& account = stage.add_account("anna");
  account.imap->manners.refuses_login = true;
  stage.start();
  stage.run_for(24h);
  const auto connections = stage.world.connection_count(account.imap->host());

  stage.restart();
  stage.run_for(24h);

  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::disabled);
  EXPECT_EQ(stage.world.connection_count(account.imap->host()), connections);
  stage.stop();
}

TEST(FailingAccount, Is_disabled_for_sending_too_and_its_mails_wait) {
  Stage stage(3);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_login = true;
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});

  stage.run_for(24h * 2);
  EXPECT_EQ(stage.status(account).outgoing_state, DirectionState::disabled);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  const auto connections = stage.world.connection_count(account.smtp->host());
  EXPECT_LE(connections, 10U);
  stage.run_for(24h);
  EXPECT_EQ(stage.world.connection_count(account.smtp->host()), connections);

  account.smtp->manners.refuses_login = false;
  stage.set_enabled(account, true);
  stage.run_for(5h);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(stage.status(account).outgoing_state, DirectionState::ok);
  stage.stop();
}

TEST(FailingAccount, Opens_no_connection_after_a_person_disabled_it) {
  Stage stage(4);
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(1min);
  ASSERT_TRUE(call.promised);
  EXPECT_EQ(account.imap->connected(), 1U);

  stage.set_enabled(account, false);
  const auto connections = stage.world.connections().size();
  stage.run_for(1s);
  EXPECT_EQ(account.imap->connected(), 0U);
  auto& refused = stage.send(account, {"two@else.test"});
  auto& refused_sync = stage.send(account, {"two@else.test"}, true);
  stage.offer(account);
  stage.run_for(24h);

  EXPECT_EQ(stage.world.connections().size(), connections);
  ASSERT_TRUE(refused.refused && refused_sync.refused);
  EXPECT_EQ(refused.refused->code, ResultCode::integration_disabled);
  EXPECT_EQ(refused_sync.refused->code, ResultCode::integration_disabled);
  stage.stop();
}

TEST(FailingAccount, Is_told_once_a_transition_and_not_once_a_failure) {
  Stage stage(5);
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  stage.world.refuse(account.imap->host());
  account.imap->kick();

  stage.run_for(10min);
  account.imap->serve();
  stage.run_for(30min);

  EXPECT_EQ(stage.events("imap.connection_failed").size(), 1U);
  EXPECT_EQ(stage.events("imap.recovered").size(), 1U);
  EXPECT_EQ(stage.status(account).consecutive_incoming_errors, 0);
  stage.stop();
}

TEST(FailingAccount, Hammers_no_server_that_refuses_the_login) {
  Stage stage(6);
  auto& account = stage.add_account("anna");
  account.imap->manners.refuses_login = true;
  stage.start();

  stage.run_for(1h);

  EXPECT_LE(stage.world.connection_count(account.imap->host()), 7U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
