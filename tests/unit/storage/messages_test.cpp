// Received mail: intake, duplicates, digest, reading.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

using MessagesTest = StoreTest;

NewEvent event(std::string kind) {
  NewEvent fact;
  fact.kind = std::move(kind);
  fact.at = at(1);
  return fact;
}

TEST_F(MessagesTest, Keeps_bytes_and_cursor_of_a_batch_across_a_new_start) {
  const auto integration = make_integration();
  auto incoming = batch(integration, 12);
  incoming.cursor.mod_seq = 99;
  incoming.mails.push_back(mail(10, std::string("with\0a NUL\xff", 11)));
  incoming.mails.push_back(mail(11, ""));

  const auto stored = good(store_->messages().store(std::move(incoming)));
  reopen();

  ASSERT_EQ(stored.size(), 2u);
  EXPECT_LT(stored[0].id, stored[1].id);
  EXPECT_EQ(good(store_->messages().raw(stored[0].id)), std::string("with\0a NUL\xff", 11));
  EXPECT_EQ(good(store_->messages().raw(stored[1].id)), "");
  const auto cursor = good(store_->messages().cursor(integration, "INBOX"));
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->uid_validity, 7u);
  EXPECT_EQ(cursor->next_uid, 12u);
  EXPECT_EQ(cursor->mod_seq, 99u);
  const auto row = good(store_->messages().get(stored[0].id));
  EXPECT_EQ(row.integration_name, "Support");
  EXPECT_EQ(row.uid, 10u);
  EXPECT_EQ(row.received_at, at(1010));
  EXPECT_EQ(row.stored_at, at(5000));
  EXPECT_EQ(row.size_bytes, 11u);
  EXPECT_EQ(row.sha256, fake_sha256(10));
  EXPECT_EQ(row.message_id, "<10@example.com>");
  EXPECT_EQ(row.state, MessageState::stored);
  EXPECT_FALSE(row.digested);
}

TEST_F(MessagesTest, Takes_the_same_uid_only_once) {
  const auto integration = make_integration();
  auto first = batch(integration, 2);
  first.mails.push_back(mail(1, "one"));
  auto second = batch(integration, 2);
  second.mails.push_back(mail(1, "other bytes"));
  second.mails[0].sha256 = fake_sha256(77);

  const auto id = good(store_->messages().store(std::move(first)))[0].id;
  const auto again = good(store_->messages().store(std::move(second)))[0];

  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.id, id);
  EXPECT_EQ(good(store_->messages().raw(id)), "one");
  EXPECT_EQ(good(store_->messages().count()), 1u);
}

TEST_F(MessagesTest, Knows_a_mail_again_under_a_new_uid_validity_and_in_another_folder) {
  const auto integration = make_integration();
  const auto id = make_message(integration, 1);
  auto renumbered = batch(integration, 51);
  renumbered.cursor.uid_validity = 8;
  renumbered.mails.push_back(mail(1, "body 1"));
  renumbered.mails[0].uid = 50;
  auto elsewhere = batch(integration, 51);
  elsewhere.folder = "Archive";
  elsewhere.mails.push_back(mail(1, "body 1"));

  const auto again = good(store_->messages().store(std::move(renumbered)))[0];
  const auto copied = good(store_->messages().store(std::move(elsewhere)))[0];

  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.id, id);
  EXPECT_TRUE(copied.duplicate);
  EXPECT_EQ(copied.id, id);
  EXPECT_EQ(good(store_->messages().cursor(integration, "INBOX"))->uid_validity, 8u);
}

TEST_F(MessagesTest, Takes_the_same_bytes_under_another_message_id_or_integration_as_new) {
  const auto support = make_integration("Support"), sales = make_integration("Sales");
  make_message(support, 1);
  auto renamed = batch(support, 3);
  renamed.mails.push_back(mail(2, "body 1"));
  renamed.mails[0].sha256 = fake_sha256(1);
  auto other = batch(sales, 2);
  other.mails.push_back(mail(1, "body 1"));

  EXPECT_FALSE(good(store_->messages().store(std::move(renamed)))[0].duplicate);
  EXPECT_FALSE(good(store_->messages().store(std::move(other)))[0].duplicate);
}

TEST_F(MessagesTest, Forgets_the_duplicate_rule_after_ninety_days) {
  const auto integration = make_integration();
  make_message(integration, 1);
  const auto day = std::chrono::hours(24);
  const auto again = [&](std::uint32_t uid, Instant when) {
    auto incoming = batch(integration, uid + 1);
    incoming.at = when;
    incoming.mails.push_back(mail(1, "body 1"));
    incoming.mails[0].uid = uid;
    return good(store_->messages().store(std::move(incoming)))[0].duplicate;
  };

  EXPECT_TRUE(again(2, at(5000) + 89 * day));
  EXPECT_FALSE(again(3, at(5000) + 91 * day));
  EXPECT_TRUE(again(4, at(5000) + 92 * day));

  good(store_->purge(at(5000) + 182 * day));

  EXPECT_FALSE(again(5, at(5000) + 92 * day));
}

TEST_F(MessagesTest, Finds_a_duplicate_within_one_batch) {
  const auto integration = make_integration();
  auto incoming = batch(integration, 3);
  incoming.mails.push_back(mail(1, "same"));
  incoming.mails.push_back(mail(1, "same"));
  incoming.mails[1].uid = 2;

  const auto stored = good(store_->messages().store(std::move(incoming)));

  EXPECT_FALSE(stored[0].duplicate);
  EXPECT_TRUE(stored[1].duplicate);
  EXPECT_EQ(stored[0].id, stored[1].id);
}

TEST_F(MessagesTest, Refuses_a_batch_of_a_removed_integration) {
  const auto integration = make_integration();
  good(store_->integrations().remove(integration, {}, "admin", at(2)));
  auto incoming = batch(integration, 2);
  incoming.mails.push_back(mail(1, "late"));

  EXPECT_EQ(failure(store_->messages().store(std::move(incoming))), errc::not_found);
  EXPECT_EQ(good(store_->messages().count()), 0u);
}

TEST_F(MessagesTest, Writes_the_cursor_and_its_events_together) {
  const auto integration = make_integration();
  MailboxCursor cursor;
  cursor.uid_validity = 9;
  cursor.next_uid = 100;

  EXPECT_FALSE(good(store_->messages().cursor(integration, "Ordner/ä")));
  good(store_->messages().set_cursor(integration, "Ordner/ä", cursor,
                                     {event("mailbox.uidvalidity_changed")}));

  EXPECT_EQ(good(store_->messages().cursor(integration, "Ordner/ä"))->next_uid, 100u);
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1u);
}

TEST_F(MessagesTest, Records_a_digest_once) {
  const auto integration = make_integration();
  const auto target = make_target("desk");
  auto incoming = batch(integration, 2);
  incoming.mails.push_back(mail(1, "one"));
  const auto id = good(store_->messages().store(std::move(incoming)))[0].id;
  MessageSummary summary;
  summary.subject = "Printer on fire";
  summary.defects = {"no date"};
  const std::vector<Undigested> waiting = {{id, 3, good(store_->messages().get(id)).received_at}};
  EXPECT_EQ(good(store_->messages().undigested(integration, 10)), waiting);

  good(store_->messages().record_digest(id, summary, {target}, {event("message.received")}, at(9)));
  summary.subject = "changed";
  good(store_->messages().record_digest(id, summary, {target}, {event("message.received")}, at(9)));

  const auto row = good(store_->messages().get(id));
  EXPECT_TRUE(row.digested);
  EXPECT_EQ(row.summary.subject, "Printer on fire");
  EXPECT_EQ(row.summary.defects, std::vector<std::string>{"no date"});
  ASSERT_EQ(row.handovers.size(), 1u);
  EXPECT_EQ(row.handovers[0].target, target);
  EXPECT_EQ(row.handovers[0].due, at(9));
  EXPECT_EQ(row.state, MessageState::stored);
  EXPECT_TRUE(good(store_->messages().undigested(integration, 10)).empty());
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1u);
}

TEST_F(MessagesTest, Leaves_a_target_out_that_is_gone) {
  const auto integration = make_integration();
  const auto target = make_target("desk");
  good(store_->targets().remove(target, {}, "admin", at(2)));

  const auto id = make_message(integration, 1, {target});

  EXPECT_TRUE(good(store_->messages().get(id)).handovers.empty());
}

TEST_F(MessagesTest, Says_so_when_there_is_no_such_message) {
  const MessageId nobody{42};

  EXPECT_EQ(failure(store_->messages().get(nobody)), errc::not_found);
  EXPECT_EQ(failure(store_->messages().raw(nobody)), errc::not_found);
  EXPECT_EQ(failure(store_->messages().raws({nobody})), errc::not_found);
  EXPECT_EQ(failure(store_->messages().record_digest(nobody, {}, {}, {}, at(1))), errc::not_found);
}

TEST_F(MessagesTest, Pages_are_stable_while_new_mail_comes_in) {
  const auto integration = make_integration();
  std::vector<MessageId> ids;
  for (std::uint32_t uid = 1; uid <= 5; ++uid) ids.push_back(make_message(integration, uid));
  PageRequest page;
  page.limit = 2;

  const auto first = good(store_->messages().list({}, page));
  make_message(integration, 6);
  page.cursor = first.next_cursor;
  const auto second = good(store_->messages().list({}, page));
  page.cursor = second.next_cursor;
  const auto third = good(store_->messages().list({}, page));

  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[0].id, ids[4]);
  ASSERT_EQ(second.items.size(), 2u);
  EXPECT_EQ(second.items[0].id, ids[2]);
  ASSERT_EQ(third.items.size(), 1u);
  EXPECT_EQ(third.items[0].id, ids[0]);
  EXPECT_EQ(third.next_cursor, "");
}

TEST_F(MessagesTest, Lists_by_integration_and_state) {
  const auto support = make_integration("Support"), sales = make_integration("Sales");
  const auto mine = make_message(support, 1);
  make_message(sales, 1);
  MessageFilter by_integration, by_state, by_both;
  by_integration.integration = by_both.integration = support;
  by_state.state = by_both.state = MessageState::handed_over;

  EXPECT_EQ(good(store_->messages().list(by_integration, {})).items.at(0).id, mine);
  EXPECT_EQ(good(store_->messages().list(by_integration, {})).items.size(), 1u);
  EXPECT_TRUE(good(store_->messages().list(by_state, {})).items.empty());
  by_both.state = MessageState::stored;
  EXPECT_EQ(good(store_->messages().list(by_both, {})).items.size(), 1u);
}

TEST_F(MessagesTest, Refuses_a_cursor_of_another_list) {
  const auto integration = make_integration();
  for (std::uint32_t uid = 1; uid <= 3; ++uid) make_message(integration, uid);
  PageRequest page;
  page.limit = 1;
  page.cursor = good(store_->messages().list({}, page)).next_cursor;

  EXPECT_EQ(failure(store_->deliveries().list({}, page)), errc::bad_cursor);
  for (const char* forged : {"x", "bWVzc2FnZXM", "bWVzc2FnZXMgMHg", "!!"}) {
    page.cursor = forged;
    EXPECT_EQ(failure(store_->messages().list({}, page)), errc::bad_cursor) << forged;
  }
}

TEST(MessageStates, Have_words_both_ways) {
  for (const auto state :
       {MessageState::stored, MessageState::handed_over, MessageState::ignored, MessageState::held,
        MessageState::quarantined, MessageState::too_large}) {
    EXPECT_EQ(parse_message_state(to_string(state)), state);
  }
  EXPECT_FALSE(parse_message_state("gone"));
}

TEST_F(MessagesTest, Tells_what_is_at_a_place_by_its_date_and_message_id) {
  const auto id = make_integration();
  auto incoming = batch(id, 7);
  for (const auto uid : {3U, 4U}) incoming.mails.push_back(mail(uid, "mail"));
  good(store_->messages().store(std::move(incoming)));
  auto copies = batch(id, 9);
  copies.mails.push_back(mail(3, "mail"));
  copies.mails.back().uid = 8;
  copies.mails.back().received_at = at(77);
  good(store_->messages().store(std::move(copies)));

  const auto placed = good(store_->messages().placed(id, "INBOX", 7, UidRanges(4, 9)));

  ASSERT_EQ(placed.size(), 2U);
  EXPECT_EQ(placed[0].uid, 4U);
  EXPECT_EQ(placed[0].received_at, at(1004));
  EXPECT_EQ(placed[0].message_id, "<4@example.com>");
  EXPECT_EQ(placed[1].uid, 8U);
  EXPECT_EQ(placed[1].received_at, at(77)) << "the copy's own";
  EXPECT_EQ(placed[1].message_id, "<3@example.com>");
  EXPECT_TRUE(good(store_->messages().placed(id, "INBOX", 8, UidRanges(4, 9))).empty());
}

TEST_F(MessagesTest, Takes_mails_of_one_gmail_id_and_message_id_for_one) {
  const auto id = make_integration();
  const auto labelled = [&](std::string folder, std::uint32_t uid, std::uint64_t gmail_id,
                            const std::string& message_id) {
    auto one = batch(id, uid + 1);
    one.folder = std::move(folder);
    one.mails.push_back(mail(uid, "under " + one.folder));
    one.mails.back().sha256 = fake_sha256(std::hash<std::string>()(one.folder + message_id) >> 8);
    one.mails.back().gmail_id = gmail_id;
    one.mails.back().message_id = message_id;
    return good(store_->messages().store(std::move(one))).at(0);
  };
  constexpr std::uint64_t gmail_id = 0xF234567890ABCDEF;

  const auto first = labelled("INBOX", 5, gmail_id, "<a@x>");
  const auto second = labelled("Work", 3, gmail_id, "<a@x>");
  const auto other = labelled("All", 4, gmail_id + 1, "<a@x>");
  const auto lied = labelled("Sent", 4, gmail_id, "<b@x>");

  EXPECT_FALSE(first.duplicate);
  EXPECT_TRUE(second.duplicate) << "whatever its bytes";
  EXPECT_EQ(second.id, first.id);
  EXPECT_FALSE(other.duplicate);
  EXPECT_FALSE(lied.duplicate) << "the Message-ID has to agree";
}

}  // namespace
}  // namespace postern::storage
