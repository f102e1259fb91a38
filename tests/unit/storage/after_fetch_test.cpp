// What becomes due on the server, when, and where the mail is then.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

constexpr std::int64_t day = 86400;

class AfterFetchTest : public StoreTest {
 protected:
  IntegrationId make(AfterFetchPolicy policy) {
    auto draft = integration_draft("mailbox");
    draft.value.incoming.after_fetch = std::move(policy);
    return good(store_->integrations().create(std::move(draft), "admin", at(1))).value.id;
  }
  static AfterFetchPolicy policy(AfterFetch action, int days = 0) {
    AfterFetchPolicy result;
    result.action = action;
    result.days = days;
    if (action == AfterFetch::move) result.folder = "Done";
    return result;
  }
  void acknowledge(MessageId message, std::size_t index) {
    HandoverAttempt tried;
    tried.state = HandoverState::acknowledged;
    tried.at = tried.due = at(6000);
    const auto rows = good(store_->messages().get(message)).handovers;
    good(store_->handovers().record_attempt(rows.at(index).id, tried, {}));
  }
  std::vector<DueAction> due(IntegrationId integration, std::int64_t seconds = 9000) {
    return good(store_->after_fetches().due(integration, at(seconds), 100));
  }
};

TEST_F(AfterFetchTest, Is_due_when_the_last_required_target_has_the_mail) {
  const auto id = make(policy(AfterFetch::seen));
  const auto one = make_target("one"), two = make_target("two"), extra = make_target("x", false);
  const auto message = make_message(id, 5, {one, two, extra});

  acknowledge(message, 0);
  EXPECT_TRUE(due(id).empty());
  EXPECT_FALSE(good(store_->after_fetches().next_due(id)));
  acknowledge(message, 1);
  reopen();

  const auto actions = due(id);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(actions[0].message, message);
  EXPECT_EQ(actions[0].outcome, MessageState::handed_over);
  EXPECT_EQ(actions[0].folder, "INBOX");
  EXPECT_EQ(actions[0].uid_validity, 7U);
  EXPECT_EQ(actions[0].uid, 5U);
  EXPECT_EQ(actions[0].message_id, "<5@example.com>");
  EXPECT_FALSE(actions[0].copied);
}

TEST_F(AfterFetchTest, Is_never_due_without_an_action_or_without_a_target) {
  const auto none = make(policy(AfterFetch::none));
  const auto message = make_message(none, 1, {make_target("desk")});
  acknowledge(message, 0);
  EXPECT_TRUE(due(none).empty());

  auto draft = integration_draft("second");
  draft.value.incoming.after_fetch = policy(AfterFetch::remove);
  const auto other = good(store_->integrations().create(draft, "admin", at(1))).value.id;
  make_message(other, 2, {});
  EXPECT_TRUE(due(other, 1'000'000'000).empty());
}

TEST_F(AfterFetchTest, Waits_its_days_from_the_fetch_on) {
  const auto id = make(policy(AfterFetch::remove, 3));
  const auto message = make_message(id, 1, {make_target("desk")});
  acknowledge(message, 0);

  EXPECT_TRUE(due(id, 5000 + 3 * day - 1).empty());
  EXPECT_EQ(due(id, 5000 + 3 * day).size(), 1U);
  EXPECT_EQ(good(store_->after_fetches().next_due(id)), at(5000 + 3 * day));
}

TEST_F(AfterFetchTest, Ends_once_and_keeps_the_half_of_a_move) {
  const auto id = make(policy(AfterFetch::move));
  const auto message = make_message(id, 1, {make_target("desk")});
  acknowledge(message, 0);
  auto& table = store_->after_fetches();

  good(table.record({{message, ActionEnd::copied}}, {}));
  ASSERT_EQ(due(id).size(), 1U);
  EXPECT_TRUE(due(id)[0].copied);
  NewEvent event;
  event.kind = "imap.after_fetch_failed";
  event.integration = id;
  good(table.record({{message, ActionEnd::refused}}, {event}));
  good(table.record({{message, ActionEnd::copied}}, {}));

  EXPECT_TRUE(due(id).empty());
  EXPECT_FALSE(good(table.next_due(id)));
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1U);
}

TEST_F(AfterFetchTest, Knows_by_its_bytes_where_a_mail_is_after_a_renumbering) {
  const auto id = make(policy(AfterFetch::seen));
  const auto target = make_target("desk");
  const auto first = make_message(id, 5, {target}), second = make_message(id, 6, {target});
  acknowledge(first, 0);
  acknowledge(second, 0);

  auto again = batch(id, 10);
  again.cursor.uid_validity = 8;
  again.mails.push_back(mail(6, "another number"));
  again.mails.back().uid = 2;
  const auto stored = good(store_->messages().store(std::move(again)));
  EXPECT_TRUE(stored.at(0).duplicate);
  auto copy = batch(id, 11);
  copy.cursor.uid_validity = 8;
  copy.mails.push_back(mail(6, "a copy behind it"));
  copy.mails.back().uid = 9;
  good(store_->messages().store(std::move(copy)));

  const auto actions = due(id);
  ASSERT_EQ(actions.size(), 3U);
  EXPECT_EQ(actions[0].message, second);
  EXPECT_EQ(actions[0].uid_validity, 8U);
  EXPECT_EQ(actions[0].uid, 2U);
  EXPECT_EQ(actions[1].uid_validity, 7U) << "not seen under the new one";
  EXPECT_EQ(actions[2].message, second);
  EXPECT_EQ(actions[2].uid, 9U) << "the copy behind it";
  const auto told = good(store_->messages().get(second));
  EXPECT_EQ(told.uid_validity, 7U) << "what is handed over stays the same";
}

TEST_F(AfterFetchTest, Is_due_for_a_second_copy_too_whenever_it_comes) {
  const auto id = make(policy(AfterFetch::remove));
  const auto message = make_message(id, 5, {make_target("desk")});
  const auto copy_at = [&](std::string folder, std::uint32_t uid) {
    auto again = batch(id, uid + 1);
    again.folder = std::move(folder);
    again.mails.push_back(mail(5, "the same"));
    again.mails.back().uid = uid;
    EXPECT_TRUE(good(store_->messages().store(std::move(again))).at(0).duplicate);
  };
  copy_at("INBOX", 8);  // before the mail's fate is sealed
  EXPECT_TRUE(due(id).empty());
  acknowledge(message, 0);
  auto actions = due(id);
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(actions[0].uid, 5U);
  EXPECT_EQ(actions[1].uid, 8U);
  std::vector<EndedAction> ended;
  for (const auto& action : actions)
    ended.push_back({action.message, ActionEnd::done, action.copy});
  good(store_->after_fetches().record(ended, {}));
  EXPECT_TRUE(due(id).empty());

  copy_at("Archive", 3);  // long after it
  copy_at("Archive", 3);
  reopen();

  actions = due(id);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(actions[0].message, message);
  EXPECT_EQ(actions[0].folder, "Archive");
  EXPECT_EQ(actions[0].uid, 3U);
  EXPECT_TRUE(good(store_->after_fetches().next_due(id)));
}

TEST_F(AfterFetchTest, Says_when_the_uid_is_another_mails_by_now) {
  const auto id = make(policy(AfterFetch::remove));
  const auto target = make_target("desk");
  const auto first = make_message(id, 5, {target});
  auto other = batch(id, 6);
  other.mails.push_back(mail(6, "under the same UID"));
  other.mails.back().uid = 5;
  const auto second = good(store_->messages().store(std::move(other))).front().id;
  good(store_->messages().record_digest(second, {}, {target}, {}, at(6000)));
  acknowledge(first, 0);
  acknowledge(second, 0);

  auto actions = due(id);

  ASSERT_EQ(actions.size(), 2U);
  if (actions[0].message != first) std::swap(actions[0], actions[1]);
  EXPECT_TRUE(actions[0].uid_is_anothers);
  EXPECT_FALSE(actions[1].uid_is_anothers);
}

TEST_F(AfterFetchTest, Is_due_no_longer_when_no_action_is_wanted_any_more) {
  const auto id = make(policy(AfterFetch::remove, 3));
  const auto message = make_message(id, 1, {make_target("desk")});
  acknowledge(message, 0);
  ASSERT_TRUE(good(store_->after_fetches().next_due(id)));

  auto draft = integration_draft("mailbox");
  good(store_->integrations().replace(id, draft, std::nullopt, "admin", at(6000)));

  EXPECT_FALSE(good(store_->after_fetches().next_due(id)));
  draft.value.incoming.after_fetch = policy(AfterFetch::remove);
  good(store_->integrations().replace(id, draft, std::nullopt, "admin", at(6001)));
  EXPECT_TRUE(due(id, 1'000'000).empty()) << "what was given up stays so";
}

}  // namespace
}  // namespace postern::storage
