// Stories of what is done with a mail on its server once it is handed over, and not before.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::function<void(Integration&)> then(AfterFetch action, std::string word = {}, int days = 0) {
  return [action, word, days](Integration& value) {
    auto& policy = value.incoming.after_fetch;
    policy.action = action;
    policy.days = days;
    if (action == AfterFetch::move) policy.folder = word;
    if (action == AfterFetch::keyword) policy.keyword = word;
  };
}

std::size_t flagged(const PlayedImap& imap, const std::string& flag) {
  std::size_t count = 0;
  for (const auto& mail : imap.mails()) count += mail.flags.count(flag);
  return count;
}

TEST(AfterFetch, Marks_a_mail_at_once_when_it_is_acknowledged_and_not_before) {
  Stage stage(1);
  auto& hook = stage.add_target("desk");
  hook.manners.answers_500 = 1;
  auto& account = stage.add_account("anna", then(AfterFetch::seen));
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(3s);
  ASSERT_GE(hook.calls().size(), 1U);
  EXPECT_EQ(account.imap->selects(), 0U) << "only EXAMINE until then";

  hook.manners.answers_500 = 0;
  stage.run_until(
      [&] { return !hook.mails().empty() && hook.mails().begin()->second.acknowledged > 0; },
      10min);
  stage.run_for(1s);

  EXPECT_EQ(flagged(*account.imap, "\\Seen"), 1U);
  EXPECT_EQ(account.imap->logins(), 1U) << "on the connection that is open";
  stage.offer(account);
  stage.run_for(2s);
  EXPECT_EQ(flagged(*account.imap, "\\Seen"), 2U) << "IDLE goes on";
  EXPECT_EQ(account.imap->foul(), "");
  stage.stop();
}

TEST(AfterFetch, Waits_for_every_required_target) {
  Stage stage(2);
  stage.add_target("one");
  auto& slow = stage.add_target("two");
  slow.manners.answers_500 = 1;
  auto& account = stage.add_account("anna", then(AfterFetch::remove));
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1h);
  EXPECT_EQ(account.imap->mails().size(), 1U);
  EXPECT_EQ(account.imap->selects(), 0U);

  slow.manners.answers_500 = 0;
  stage.run_for(24h);
  EXPECT_TRUE(account.imap->mails().empty());
  stage.stop();
}

TEST(AfterFetch, Moves_into_a_folder_that_it_makes) {
  for (const bool offers_move : {true, false}) {
    Stage stage(3);
    stage.add_target("desk");
    auto& account = stage.add_account("anna", then(AfterFetch::move, "Done"));
    account.imap->manners.offers_move = offers_move;
    stage.start();
    stage.run_for(1min);
    for (int i = 0; i < 3; ++i) stage.offer(account);
    stage.run_for(1min);

    EXPECT_TRUE(account.imap->mails().empty());
    ASSERT_NE(account.imap->folder("Done"), nullptr);
    EXPECT_EQ(account.imap->folder("Done")->mails.size(), 3U);
    EXPECT_TRUE(account.imap->subscribed("Done")) << "so that people see it";
    EXPECT_TRUE(stage.events("imap.after_fetch_failed").empty());
    stage.stop();
  }
}

TEST(AfterFetch, Expunges_nothing_where_it_would_take_what_others_marked) {
  Stage stage(4);
  stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::remove));
  account.imap->manners.offers_uidplus = false;
  account.imap->deliver("Subject: of another\r\n\r\nkept\r\n", stage.world.now() - 24h * 30);
  account.imap->inbox().mails.back().flags.insert("\\Deleted");
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);

  EXPECT_EQ(account.imap->mails().size(), 2U);
  EXPECT_EQ(flagged(*account.imap, "\\Deleted"), 2U);
  EXPECT_EQ(account.imap->foul(), "");
  stage.stop();
}

TEST(AfterFetch, Tells_of_a_refusal_once_and_does_not_repeat_it) {
  Stage stage(5);
  stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::keyword, "$Done"));
  account.imap->manners.refuses = "UID STORE";
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.offer(account);
  stage.run_for(24h);

  const auto events = stage.events("imap.after_fetch_failed");
  ASSERT_EQ(events.size(), 2U) << "one a mail";
  EXPECT_NE(events.front().message.find("not for you"), std::string::npos);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  account.imap->manners.refuses.clear();
  stage.restart();
  stage.run_for(1h);
  EXPECT_EQ(flagged(*account.imap, "$Done"), 0U);
  stage.stop();
}

TEST(AfterFetch, Takes_a_full_folder_for_a_refusal_and_goes_on_watching) {
  Stage stage(11);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::move, "Done"));
  account.imap->manners.refuses = "UID MOVE";
  account.imap->manners.refusal = "[OVERQUOTA] Quota exceeded (mailbox for user is full)";
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1h);
  stage.offer(account);
  stage.run_for(5s);

  EXPECT_EQ(hook.calls().size(), 2U) << "the next mail comes at once";
  const auto events = stage.events("imap.after_fetch_failed");
  ASSERT_EQ(events.size(), 2U) << "one a mail";
  EXPECT_NE(events.front().message.find("Quota exceeded"), std::string::npos);
  EXPECT_EQ(account.imap->logins(), 1U) << "the connection is good";
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  account.imap->manners.refuses.clear();
  stage.restart();
  stage.run_for(25h);
  EXPECT_EQ(account.imap->mails().size(), 2U) << "nothing is repeated";
  stage.stop();
}

TEST(AfterFetch, Is_made_up_for_after_a_crash_on_either_side_of_it) {
  for (std::uint64_t acts = 1; acts <= 40; ++acts) {
    Stage stage(6);
    auto& hook = stage.add_target("desk");
    auto& account = stage.add_account("anna", then(AfterFetch::move, "Done"));
    account.imap->manners.offers_move = false;
    account.imap->make_folder("Done");
    stage.start();
    stage.run_for(1min);
    stage.offer(account);
    stage.gateway->env().die_in_acts(acts);
    stage.run_for(30min);

    EXPECT_TRUE(account.imap->mails().empty()) << "acts " << acts;
    EXPECT_GE(account.imap->folder("Done")->mails.size(), 1U) << "acts " << acts;
    EXPECT_EQ(hook.mails().size(), 1U) << "acts " << acts;
    EXPECT_TRUE(stage.events("imap.after_fetch_failed").empty()) << "acts " << acts;
    stage.stop();
  }
}

TEST(AfterFetch, Is_tried_again_when_the_line_breaks_before_the_servers_ok) {
  Stage stage(7);
  stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::move, "Done"));
  account.imap->make_folder("Done");
  account.imap->manners.cuts_after = "UID MOVE";
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(10s);
  account.imap->manners.cuts_after.clear();
  stage.run_for(30min);

  EXPECT_TRUE(account.imap->mails().empty());
  EXPECT_EQ(account.imap->folder("Done")->mails.size(), 1U);
  EXPECT_TRUE(stage.events("imap.after_fetch_failed").empty());
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  stage.stop();
}

TEST(AfterFetch, Never_touches_another_mail_after_a_renumbering) {
  Stage stage(8);
  auto& hook = stage.add_target("desk");
  hook.manners.answers_500 = 1;
  auto& account = stage.add_account("anna", then(AfterFetch::remove));
  account.imap->deliver("Subject: old\r\n\r\nnot ours\r\n", stage.world.now() - 24h * 30);
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.offer(account);
  stage.run_for(3s);

  // The first of ours goes, the others have new numbers: 1 is the old one, 2 the second of ours.
  auto& inbox = account.imap->inbox();
  inbox.mails.erase(inbox.mails.begin() + 1);
  account.imap->renumber();
  hook.manners.answers_500 = 0;
  stage.run_for(2h);

  ASSERT_EQ(account.imap->mails().size(), 1U);
  EXPECT_NE(account.imap->mails().front().bytes.find("not ours"), std::string::npos);
  const auto events = stage.events("imap.after_fetch_failed");
  ASSERT_EQ(events.size(), 1U) << "the one that is gone";
  EXPECT_NE(events.front().message.find("renumbered"), std::string::npos);
  stage.stop();
}

TEST(AfterFetch, Deletes_after_its_days) {
  Stage stage(9);
  stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::remove, {}, 2));
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(47h);
  EXPECT_EQ(account.imap->mails().size(), 1U);
  stage.run_for(1h + 10min);
  EXPECT_TRUE(account.imap->mails().empty());
  stage.stop();
}

TEST(AfterFetch, Does_with_what_is_too_large_what_is_said_for_it) {
  Stage stage(12);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", [](Integration& value) {
    value.incoming.message_bytes_max = 2000;
    value.incoming.after_fetch.action = AfterFetch::seen;
    value.incoming.after_too_large.action = AfterFetch::move;
    value.incoming.after_too_large.folder = "Large";
  });
  stage.start();
  stage.run_for(1min);
  account.imap->deliver(stage.mail_for(account) + std::string(3000, 'x'));
  stage.offer(account);
  stage.run_for(5min);

  EXPECT_EQ(hook.calls().size(), 2U);  // of the large one the header
  EXPECT_EQ(account.imap->mails().size(), 1U);
  EXPECT_EQ(flagged(*account.imap, "\\Seen"), 1U);
  ASSERT_NE(account.imap->folder("Large"), nullptr);
  ASSERT_EQ(account.imap->folder("Large")->mails.size(), 1U);
  EXPECT_TRUE(account.imap->folder("Large")->mails.front().flags.empty());
  stage.stop();
}

TEST(AfterFetch, Leaves_a_quarantined_mail_alone_until_its_last_try) {
  Stage stage(8);
  stage.add_target("desk");
  auto& account = stage.add_account("anna", [](Integration& value) {
    value.incoming.after_quarantined.action = AfterFetch::remove;
  });
  stage.start();
  stage.run_for(1min);
  account.imap->manners.faults["mail 1 for anna"] = MailFault::refused;
  stage.offer(account);
  stage.run_for(30min);
  ASSERT_EQ(stage.events("message.quarantined").size(), 1U);
  EXPECT_EQ(account.imap->mails().size(), 1U) << "it may come yet";

  stage.run_for(3h);

  EXPECT_TRUE(account.imap->mails().empty());
  stage.stop();
}

TEST(AfterFetch, Takes_a_second_copy_away_too) {
  Stage stage(9);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::remove));
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  const auto bytes = account.imap->mails().front().bytes;
  account.imap->deliver(bytes);  // at once
  stage.run_for(1min);
  EXPECT_TRUE(account.imap->mails().empty());
  account.imap->deliver(bytes);  // and once more, long after
  stage.run_for(1min);

  EXPECT_TRUE(account.imap->mails().empty());
  EXPECT_EQ(hook.calls().size(), 1U);
  EXPECT_TRUE(stage.events("imap.after_fetch_failed").empty());
  stage.stop();
}

TEST(AfterFetch, Forgets_what_was_due_when_the_action_is_taken_back) {
  Stage stage(10);
  stage.add_target("desk");
  auto& account = stage.add_account("anna", then(AfterFetch::remove, {}, 1));
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);
  auto& store = stage.gateway->store();
  ASSERT_TRUE(stage.gateway->ask(store.after_fetches().next_due(account.id)));

  const auto stored = stage.gateway->ask(store.integrations().get(account.id));
  IntegrationDraft draft;
  draft.value = stored.value;
  draft.value.incoming.after_fetch = {};
  stage.gateway->ask(store.integrations().replace(account.id, std::move(draft), std::nullopt,
                                                  "test", stage.world.now()));
  stage.gateway->ask(stage.gateway->hub().integration_changed(account.id));
  stage.run_for(48h);

  EXPECT_FALSE(stage.gateway->ask(store.after_fetches().next_due(account.id)));
  EXPECT_EQ(account.imap->mails().size(), 1U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
