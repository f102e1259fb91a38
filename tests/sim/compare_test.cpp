// Stories of the full compare, of fetching again by hand, and of UIDs that mean something else.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(Compare, Finds_within_a_day_what_slipped_under_the_cursor) {
  Stage stage(41);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  const auto old = stage.offer(account, stage.world.now() - 24h * 30);
  stage.start();
  stage.run_for(1min);
  for (int i = 0; i < 5; ++i) stage.offer(account);
  account.imap->inbox().uid_next = 50;
  stage.offer(account);
  stage.run_for(1min);
  ASSERT_EQ(hook.calls().size(), 6U);

  // A mail comes in under a UID that was passed long ago.
  auto& mails = account.imap->inbox().mails;
  mails.insert(mails.begin() + 3, ImapMail{20, stage.mail_for(account), stage.world.now()});
  stage.run_for(25h);

  EXPECT_EQ(hook.calls().size(), 7U);
  EXPECT_TRUE(hook.ids_of(old).empty());
  stage.stop();
}

TEST(Compare, Finds_at_the_next_selection_what_slipped_by_where_the_server_tells_changes) {
  for (const bool qresync : {true, false}) {
    Stage stage(46);
    auto& hook = stage.add_target("desk");
    auto& account = stage.add_account("anna");
    auto& imap = *account.imap;
    (qresync ? imap.manners.offers_qresync : imap.manners.offers_condstore) = true;
    const auto old = stage.offer(account, stage.world.now() - 24h * 30);
    imap.inbox().uid_next = 50;
    stage.start();
    stage.run_for(1min);
    for (int i = 0; i < 5; ++i) stage.offer(account);
    stage.run_for(1min);
    ASSERT_EQ(hook.calls().size(), 5U);

    imap.slip_in(20, stage.mail_for(account));
    imap.mark(1);  // one we never wanted
    const auto searches = imap.searches();
    imap.kick();
    stage.run_for(10s);
    EXPECT_EQ(hook.calls().size(), 6U);
    EXPECT_TRUE(hook.ids_of(old).empty());
    EXPECT_EQ(imap.searches(), searches) << "the folder is not gone through for that";

    imap.slip_in(30, stage.mail_for(account));
    stage.restart();
    stage.run_for(10s);
    EXPECT_EQ(hook.calls().size(), 7U) << "also after a restart";
    EXPECT_EQ(imap.foul(), "");
    stage.stop();
  }
}

TEST(Compare, Fetches_again_from_a_day_on_what_is_not_ours_and_nothing_twice) {
  Stage stage(42);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  const auto older = stage.offer(account, stage.world.now() - 24h * 30);
  const auto wanted = stage.offer(account, stage.world.now() - 24h * 3);
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);

  auto& life = *stage.gateway;
  life.ask(life.store().compares().request(account.id, {"INBOX"}, "2025-12-20"));
  life.ask(life.hub().check(account.id));
  stage.run_for(1min);

  EXPECT_EQ(hook.ids_of(wanted).size(), 1U);
  EXPECT_TRUE(hook.ids_of(older).empty());
  EXPECT_EQ(hook.calls().size(), 2U);
  EXPECT_FALSE(life.ask(life.store().compares().requested(account.id, "INBOX")));
  stage.stop();
}

TEST(Compare, Takes_a_folder_whose_uids_began_anew_under_the_same_uidvalidity) {
  Stage stage(43);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  for (int i = 0; i < 10; ++i) stage.offer(account);
  stage.run_for(1min);

  auto& inbox = account.imap->inbox();
  inbox.mails.erase(inbox.mails.begin(), inbox.mails.begin() + 6);
  inbox.uid_next = 1;
  for (auto& mail : inbox.mails) mail.uid = inbox.uid_next++;
  const auto fresh = stage.offer(account);
  account.imap->kick();
  stage.run_for(10min);

  EXPECT_EQ(hook.ids_of(fresh).size(), 1U);
  EXPECT_EQ(hook.calls().size(), 11U);
  EXPECT_EQ(stage.events("mailbox.uidvalidity_changed").size(), 1U);
  stage.stop();
}

TEST(Compare, Needs_no_uidvalidity_to_hand_each_mail_over_once) {
  Stage stage(44);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->inbox().uid_validity = 0;
  stage.start();
  stage.run_for(1min);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) stage.offer(account);
    stage.run_for(1min);
    account.imap->kick();
    stage.restart();
    stage.run_for(1min);
  }

  EXPECT_EQ(hook.calls().size(), 12U);
  stage.stop();
}

// Yahoo is said to leave such a command without an answer for ever.
TEST(Compare, Passes_uids_without_mails_at_a_server_that_hangs_when_asked_for_them) {
  for (const bool tells_uid_next : {true, false}) {
    Stage stage(47);
    auto& hook = stage.add_target("desk");
    auto& account = stage.add_account("anna");
    auto& imap = *account.imap;
    imap.manners.hangs_above = true;
    imap.manners.tells_uid_next = tells_uid_next;
    stage.offer(account, stage.world.now() - 24h * 30);
    stage.start();
    stage.run_for(1min);
    stage.offer(account);
    stage.run_for(10s);

    imap.skip_uids(1000);  // mails that came and went
    imap.kick();
    stage.run_for(2min);
    const auto logins = imap.logins();
    EXPECT_LE(logins, 3U);
    stage.run_for(1h);
    stage.offer(account);
    stage.run_for(10s);
    const auto fresh = imap.deliver(stage.mail_for(account));
    imap.take_away(fresh);
    stage.run_for(5min);
    stage.offer(account);
    stage.run_for(10s);

    EXPECT_EQ(hook.calls().size(), 3U);
    EXPECT_LE(imap.logins(), logins + 1);
    EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
    EXPECT_TRUE(stage.events("imap.connection_failed").empty());
    stage.stop();
  }
}

TEST(Compare, Passes_the_last_uid_there_can_be) {
  Stage stage(45);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->inbox().uid_next = 4294967290U;
  stage.start();
  stage.run_for(1min);
  for (int i = 0; i < 6; ++i) stage.offer(account);
  stage.run_for(30min);
  EXPECT_EQ(account.imap->logins(), 1U);
  account.imap->kick();
  stage.run_for(30min);

  EXPECT_EQ(account.imap->mails().back().uid, 4294967295U);
  EXPECT_EQ(hook.calls().size(), 6U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
