// Stories of many integrations at one server: it goes down, it is full, all start at once.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

/// A further integration that reads the mailbox of `account`.
IntegrationId join(Stage& stage, const Account& account, const std::string& name) {
  IntegrationDraft draft;
  draft.value.name = name;
  draft.value.incoming.enabled = true;
  draft.value.incoming.server.host = account.imap->host();
  draft.value.incoming.auth.username = account.name + "@example.test";
  draft.incoming_password = Secret(account.password);
  auto& table = stage.gateway->store().integrations();
  const auto stored =
      stage.gateway->ask(table.create(std::move(draft), "story", stage.world.now()));
  return stored.value.id;
}

std::vector<IntegrationId> join_many(Stage& stage, const Account& account, int count) {
  std::vector<IntegrationId> ids{account.id};
  while (static_cast<int>(ids.size()) < count) {
    ids.push_back(join(stage, account, account.name + "-" + std::to_string(ids.size())));
  }
  return ids;
}

void never_disable(Stage& stage) {
  flows::FlowOptions options;
  options.disable_after = 1'000'000;
  stage.set_options(options);
}

/// The shortest time between two connects to `host` that began after `since`.
Duration closest_tries(const Stage& stage, const std::string& host, Duration since) {
  Duration closest = 24h, last = -24h;
  for (const auto& each : stage.world.connections()) {
    if (each.host != host || each.at < since) continue;
    closest = std::min(closest, each.at - last);
    last = each.at;
  }
  return closest;
}

TEST(Connections, Try_a_server_that_is_down_once_a_second_and_are_all_back_with_it) {
  Stage stage(1);
  never_disable(stage);
  auto& account = stage.add_account("anna");
  join_many(stage, account, 40);
  stage.start();
  stage.run_for(1min);
  ASSERT_EQ(account.imap->connected(), 40U);

  stage.world.refuse(account.imap->host());
  const auto down = stage.world.steady();
  account.imap->kick();
  stage.run_for(2h);

  const auto tries = stage.world.connection_count(account.imap->host()) - 40;
  EXPECT_GE(closest_tries(stage, account.imap->host(), down), 1s);
  EXPECT_GE(tries, 8U);
  EXPECT_EQ(stage.events("imap.connection_failed").size(), 40U) << "all were told";

  account.imap->serve();
  stage.run_for(15min + 5s);
  EXPECT_EQ(account.imap->connected(), 40U);
  EXPECT_EQ(stage.events("imap.recovered").size(), 40U);
  stage.stop();
}

TEST(Connections, Let_a_check_by_hand_find_out_at_once_that_the_server_is_back) {
  Stage stage(2);
  never_disable(stage);
  auto& account = stage.add_account("anna");
  const auto ids = join_many(stage, account, 10);
  stage.world.refuse(account.imap->host());
  stage.start();
  stage.run_for(3h);

  account.imap->serve();
  ASSERT_TRUE(stage.world.run(stage.gateway->hub().check(ids.back())));
  stage.run_for(1s);

  EXPECT_EQ(account.imap->connected(), 1U);
  stage.stop();
}

TEST(Connections, Take_turns_at_a_server_that_takes_three_where_five_want_in) {
  Stage stage(3);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  const auto ids = join_many(stage, account, 5);
  account.imap->manners.logins_at_once = 3;
  stage.start();
  stage.run_for(10s);
  ASSERT_EQ(account.imap->connected(), 3U);
  std::size_t waiting = 0;
  for (const auto id : ids) {
    const auto status = stage.gateway->ask(stage.gateway->store().integrations().get(id)).status;
    EXPECT_NE(status.incoming_state, DirectionState::failing);
    if (status.incoming_state != DirectionState::waiting) continue;
    ++waiting;
    ASSERT_TRUE(status.last_incoming_error);
    EXPECT_NE(status.last_incoming_error->message.find("user+IP exceeded"), std::string::npos);
  }
  EXPECT_EQ(waiting, 2U);

  stage.run_for(30min);
  stage.offer(account);
  stage.run_for(10min);

  EXPECT_EQ(hook.mails().size(), 5U) << "each integration has its own";
  for (const auto id : ids) {
    const auto status = stage.gateway->ask(stage.gateway->store().integrations().get(id)).status;
    ASSERT_TRUE(status.last_successful_check);
    EXPECT_GE(*status.last_successful_check, stage.world.now() - 10min);
  }
  EXPECT_TRUE(stage.events("imap.login_failed").empty());
  EXPECT_TRUE(stage.events("integration.disabled").empty());
  stage.stop();
}

TEST(Connections, Of_two_at_a_server_that_takes_one_go_round_within_seconds) {
  Stage stage(7);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  const auto ids = join_many(stage, account, 2);
  account.imap->manners.logins_at_once = 1;
  stage.start();
  const auto checked = [&](IntegrationId id) {
    return stage.gateway->ask(stage.gateway->store().integrations().get(id))
        .status.last_successful_check.has_value();
  };
  const Duration turn = flows::limits::seat_turn + 3s;
  ASSERT_TRUE(stage.run_until([&] { return checked(ids[0]) && checked(ids[1]); }, turn));

  for (std::size_t mails = 2; mails <= 200; mails += 2) {
    stage.offer(account);
    const auto both = [&] { return hook.mails().size() == mails; };
    EXPECT_TRUE(stage.run_until(both, 2 * turn)) << mails;
    stage.run_for(std::chrono::seconds(mails % 37));
  }

  EXPECT_LE(stage.events("imap.connection_failed").size(), 4U) << "a known limit is no news";
  EXPECT_TRUE(stage.events("imap.login_failed").empty());
  stage.stop();
}

TEST(Connections, Stay_within_the_cap_of_a_server_and_starve_nobody) {
  Stage stage(4);
  flows::FlowOptions options;
  options.connections.per_server = 2;
  stage.set_options(options);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  join_many(stage, account, 4);
  stage.start();
  stage.run_for(5min);
  stage.offer(account);
  stage.run_for(5min);

  EXPECT_EQ(hook.mails().size(), 4U);
  EXPECT_LE(stage.gateway->env().open_max(account.imap->host()), 2U);
  EXPECT_TRUE(stage.events("imap.connection_failed").empty());
  stage.stop();
}

TEST(Connections, Of_an_integration_with_one_to_spare_both_watch_and_send) {
  Stage stage(5);
  flows::FlowOptions options;
  options.connections.per_integration = 1;
  stage.set_options(options);
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(2min);

  auto& call = stage.send(account, {"a@else.test"});
  stage.run_for(2min);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(account.imap->connected(), 1U);
  stage.stop();
}

TEST(Connections, Of_a_thousand_integrations_are_opened_fifty_a_second) {
  Stage stage(6);
  for (int i = 0; i < 50; ++i) {
    join_many(stage, stage.add_account("host" + std::to_string(i)), 20);
  }
  stage.start();
  const auto begun = stage.world.steady();
  stage.run_for(25s);

  std::map<std::int64_t, int> a_second;
  for (const auto& each : stage.world.connections()) ++a_second[(each.at - begun) / 1s];
  std::size_t connected = 0;
  for (const auto& account : stage.accounts) connected += account.imap->connected();
  EXPECT_EQ(connected, 1000U);
  for (const auto& [second, count] : a_second) {
    EXPECT_LE(count, (second <= 0 ? 2 : 1) * flows::limits::connects_per_second + 1) << second;
  }
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
