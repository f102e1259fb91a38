// Stories of received mail: from the mailbox to the acknowledged hand-over, and what goes wrong.
#include "net/hashing.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

Duration latency_of(const PlayedWebhook& hook, const std::string& sha256, Duration offered) {
  const auto ids = hook.ids_of(sha256);
  if (ids.size() != 1) return 9999h;
  const auto& mail = hook.mails().at(ids.front());
  return mail.acknowledged > 0 ? mail.first_acknowledged - offered : 9999h;
}

TEST(Incoming, Hands_a_mail_over_as_the_server_announces_it) {
  Stage stage(1);
  auto& hook = stage.add_target("desk", [](Target& target) { target.raw = true; });
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);

  const auto offered = stage.world.steady();
  const auto sha256 = stage.offer(account);
  stage.run_for(10s);

  EXPECT_LE(latency_of(hook, sha256, offered), 1s);
  ASSERT_EQ(hook.ids_of(sha256).size(), 1U);
  EXPECT_EQ(net::sha256(hook.mails().at(hook.ids_of(sha256).front()).raw), sha256);
  EXPECT_EQ(hook.calls().size(), 1U);
  EXPECT_TRUE(hook.mistakes().empty());
  EXPECT_EQ(account.imap->foul(), "");
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  stage.stop();
}

TEST(Incoming, Finds_at_the_next_renewal_what_the_server_forgot_to_announce) {
  Stage stage(2);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.announces = false;
  stage.start();
  stage.run_for(1min);

  const auto offered = stage.world.steady();
  const auto sha256 = stage.offer(account);
  stage.run_for(1h);

  EXPECT_LE(latency_of(hook, sha256, offered), 9min + 1s);
  EXPECT_LE(account.imap->longest_idle(), 9min);
  EXPECT_GE(account.imap->idles(), 6U);
  EXPECT_EQ(account.imap->logins(), 1U);
  stage.stop();
}

TEST(Incoming, Asks_more_often_once_idle_has_kept_a_mail_back) {
  Stage stage(18);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.announces = false;
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(20min);

  const auto offered = stage.world.steady();
  const auto sha256 = stage.offer(account);
  stage.run_for(5min);

  EXPECT_LE(latency_of(hook, sha256, offered), 61s);
  EXPECT_EQ(account.imap->logins(), 1U);
  stage.stop();
}

class BadIdle : public testing::TestWithParam<bool> {};

TEST_P(BadIdle, Is_replaced_by_polling) {
  Stage stage(19);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.refuses_idle = GetParam();
  account.imap->manners.ends_idle = !GetParam();
  stage.start();
  stage.run_for(1min);

  const auto offered = stage.world.steady();
  const auto sha256 = stage.offer(account);
  stage.run_for(5min);

  EXPECT_LE(latency_of(hook, sha256, offered), 61s);
  EXPECT_EQ(account.imap->logins(), 1U);
  EXPECT_EQ(account.imap->idles(), 1U);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  stage.stop();
}

INSTANTIATE_TEST_SUITE_P(Refused_and_ended, BadIdle, testing::Bool());

TEST(Incoming, Polls_a_server_that_cannot_idle) {
  Stage stage(3);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.offers_idle = false;
  account.imap->manners.offers_plain = false;
  account.imap->manners.tells_uid_next = false;
  stage.start();
  stage.run_for(5min);

  const auto offered = stage.world.steady();
  const auto sha256 = stage.offer(account);
  stage.run_for(5min);

  EXPECT_LE(latency_of(hook, sha256, offered), 61s);
  EXPECT_EQ(account.imap->logins(), 1U);
  stage.stop();
}

TEST(Incoming, Drops_a_server_that_falls_silent_within_its_limit) {
  Stage stage(4);
  auto& account = stage.add_account("anna");
  account.imap->manners.falls_silent = true;
  stage.start();

  stage.run_for(3min);

  EXPECT_GE(account.imap->last_silence(), 59s);
  EXPECT_LE(account.imap->last_silence(), 65s);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::failing);
  stage.stop();
}

TEST(Incoming, Comes_back_within_one_back_off_step_after_the_server_does) {
  Stage stage(5);
  flows::FlowOptions options;
  options.disable_after = 1000;
  stage.set_options(options);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  stage.world.refuse(account.imap->host());
  account.imap->kick();
  stage.run_for(24h);

  const auto sha256 = stage.offer(account);
  account.imap->serve();
  const auto back = stage.world.steady();
  stage.run_for(20min);

  EXPECT_LE(latency_of(hook, sha256, back), 15min + 5s);
  EXPECT_EQ(stage.events("imap.connection_failed").size(), 1U);
  EXPECT_EQ(stage.events("imap.recovered").size(), 1U);
  stage.stop();
}

TEST(Incoming, Says_within_a_minute_why_a_check_failed) {
  Stage stage(6);
  auto& account = stage.add_account("anna");
  account.imap->manners.refuses_login = true;
  stage.start();

  stage.run_for(60s);

  const auto status = stage.status(account);
  EXPECT_EQ(status.incoming_state, DirectionState::failing);
  ASSERT_TRUE(status.last_incoming_error);
  EXPECT_EQ(status.last_incoming_error->kind, "imap.login_failed");
  EXPECT_EQ(status.last_incoming_error->step, "login");
  EXPECT_NE(status.last_incoming_error->message.find("wrong name or password"), std::string::npos);
  stage.stop();
}

TEST(Incoming, Fetches_everything_from_a_date_on_and_nothing_older) {
  Stage stage(7);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.start_from = "2025-12-20"; });
  const auto old = stage.offer(account, stage.world.now() - 24h * 30);
  const auto wanted = stage.offer(account, stage.world.now() - 24h * 3);
  stage.start();
  stage.run_for(1min);
  const auto fresh = stage.offer(account);
  stage.run_for(1min);

  EXPECT_TRUE(hook.ids_of(old).empty());
  EXPECT_EQ(hook.ids_of(wanted).size(), 1U);
  EXPECT_EQ(hook.ids_of(fresh).size(), 1U);
  stage.stop();
}

TEST(Incoming, Leaves_alone_what_was_there_before_and_takes_all_when_told_to) {
  Stage stage(8);
  auto& hook = stage.add_target("desk");
  auto& anna = stage.add_account("anna");
  auto& bert =
      stage.add_account("bert", [](Integration& value) { value.incoming.start_from = "all"; });
  const auto left = stage.offer(anna, stage.world.now() - 24h * 30);
  const auto taken = stage.offer(bert, stage.world.now() - 24h * 30);
  stage.start();
  stage.run_for(1min);

  EXPECT_TRUE(hook.ids_of(left).empty());
  EXPECT_EQ(hook.ids_of(taken).size(), 1U);
  stage.stop();
}

TEST(Incoming, Hands_nothing_over_twice_after_a_reset_of_uid_validity) {
  Stage stage(9);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  const auto before = stage.offer(account, stage.world.now() - 24h * 30);
  stage.start();
  stage.run_for(1min);
  for (int i = 0; i < 20; ++i) stage.offer(account);
  stage.run_for(1min);
  ASSERT_EQ(hook.calls().size(), 20U);

  account.imap->renumber();
  const auto meanwhile = stage.offer(account);
  stage.run_for(30min);

  EXPECT_EQ(hook.calls().size(), 21U);
  EXPECT_EQ(hook.ids_of(meanwhile).size(), 1U);
  EXPECT_TRUE(hook.ids_of(before).empty());
  EXPECT_EQ(stage.events("mailbox.uidvalidity_changed").size(), 1U);
  stage.stop();
}

TEST(Incoming, Asks_for_the_end_of_a_renumbered_folder_that_the_server_did_not_tell) {
  Stage stage(13);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.tells_uid_next = false;
  const auto before = stage.offer(account, stage.world.now() - 24h * 30);
  stage.start();
  stage.run_for(1min);

  account.imap->renumber();
  stage.run_for(1h);
  const auto after = stage.offer(account);
  stage.run_for(1min);

  EXPECT_TRUE(hook.ids_of(before).empty());
  EXPECT_EQ(hook.ids_of(after).size(), 1U);
  stage.stop();
}

TEST(Incoming, Loses_nothing_when_every_connection_is_cut_in_the_middle_of_a_mail) {
  Stage stage(10);
  auto& hook = stage.add_target("desk");
  auto& account =
      stage.add_account("anna", [](Integration& value) { value.incoming.start_from = "all"; });
  account.imap->manners.fetched_before_cut = 3;
  for (int i = 0; i < 12; ++i) stage.offer(account);
  stage.start();

  stage.run_for(2h);

  EXPECT_EQ(hook.mails().size(), 12U);
  stage.stop();
}

TEST(Incoming, Hands_a_mail_over_raw_with_a_defect_when_its_worker_crashes) {
  Stage stage(11);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.workers.poison = "mail 2 for anna";
  stage.start();
  stage.run_for(1min);

  const auto good = stage.offer(account);
  const auto bad = stage.offer(account);
  stage.run_for(10s);

  ASSERT_EQ(hook.ids_of(good).size(), 1U);
  ASSERT_EQ(hook.ids_of(bad).size(), 1U);
  EXPECT_TRUE(hook.mails().at(hook.ids_of(good).front()).defects.empty());
  const std::vector<std::string> defects{"digest.crash"};
  EXPECT_EQ(hook.mails().at(hook.ids_of(bad).front()).defects, defects);
  stage.stop();
}

TEST(Incoming, Watches_several_folders_on_one_connection) {
  Stage stage(14);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", [](Integration& value) {
    value.incoming.more_folders = {"Büro", "Archive"};
  });
  account.imap->make_folder("B&APw-ro");
  account.imap->make_folder("Archive");
  stage.start();
  stage.run_for(1min);

  const auto inbox = stage.offer(account);
  const auto inbox_at = stage.world.steady();
  account.imap->deliver_to("B&APw-ro", stage.mail_for(account));
  account.imap->deliver_to("Archive", stage.mail_for(account));
  stage.run_for(2min);

  EXPECT_LE(latency_of(hook, inbox, inbox_at), 5s);
  EXPECT_EQ(hook.mails().size(), 3U);
  EXPECT_EQ(account.imap->logins(), 1U);
  EXPECT_EQ(account.imap->foul(), "");
  stage.stop();
}

TEST(Incoming, Makes_one_mail_of_the_same_one_in_several_folders) {
  Stage stage(15);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.more_folders = {"Archive"}; });
  account.imap->make_folder("Archive");
  stage.start();
  stage.run_for(1min);

  const auto mail = stage.mail_for(account);
  account.imap->deliver(mail);
  account.imap->deliver_to("Archive", mail);
  account.imap->deliver(mail);  // a client uploads it once more
  stage.run_for(3min);

  EXPECT_EQ(hook.calls().size(), 1U);
  stage.stop();
}

TEST(Incoming, Tells_a_missing_folder_once_and_goes_on_with_the_others) {
  Stage stage(16);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", [](Integration& value) {
    value.incoming.more_folders = {"Gone", "Archive"};
  });
  account.imap->make_folder("Archive");
  stage.start();
  stage.run_for(1h);
  account.imap->deliver_to("Archive", stage.mail_for(account));
  stage.run_for(2min);

  EXPECT_EQ(hook.mails().size(), 1U);
  const auto told = stage.events("imap.download_failed");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().data.at("folder").as_string(), "Gone");
  EXPECT_NE(told.front().message.find("no such folder"), std::string::npos);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);

  account.imap->make_folder("Gone");
  account.imap->deliver_to("Gone", stage.mail_for(account));
  stage.run_for(3min);
  EXPECT_EQ(account.imap->logins(), 1U);
  stage.stop();
}

TEST(Incoming, Watches_the_next_folder_when_the_first_is_missing) {
  Stage stage(17);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", [](Integration& value) {
    value.incoming.folder = "Gone";
    value.incoming.more_folders = {"INBOX"};
  });
  stage.start();
  stage.run_for(1min);

  const auto offered = stage.world.steady();
  const auto sha256 = stage.offer(account);
  stage.run_for(10s);

  EXPECT_LE(latency_of(hook, sha256, offered), 1s);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  stage.stop();
}

TEST(Incoming, Does_not_let_one_accounts_trouble_delay_another) {
  Stage stage(12);
  auto& hook = stage.add_target("desk");
  auto& good = stage.add_account("good");
  auto& silent = stage.add_account("silent");
  auto& vanished = stage.add_account("vanished");
  auto& nameless = stage.add_account("nameless");
  silent.imap->manners.falls_silent = true;
  stage.world.blackhole(vanished.imap->host());
  stage.world.mute_name(nameless.imap->host());
  stage.start();
  stage.run_for(1min);

  for (int i = 0; i < 30; ++i) {
    const auto offered = stage.world.steady();
    const auto sha256 = stage.offer(good);
    stage.run_for(47s);
    EXPECT_LE(latency_of(hook, sha256, offered), 1s) << "mail " << i;
  }
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
