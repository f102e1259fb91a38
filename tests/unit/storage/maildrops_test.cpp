// What is known of a POP3 maildrop, and that a mail and its key are stored together.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class MaildropsTest : public StoreTest {
 protected:
  IntegrationId begun(std::vector<std::string> keys = {},
                      MaildropState state = MaildropState::passed_over) {
    const auto id = make_integration();
    good(store_->maildrops().begin(id, std::move(keys), state));
    return id;
  }

  IncomingBatch maildrop_batch(IntegrationId integration, std::uint32_t uid, std::string key) {
    auto result = batch(integration, uid + 1);
    result.cursor.uid_validity = maildrop_uid_validity;
    result.maildrop = true;
    result.mails.push_back(mail(uid, "bytes of " + key));
    result.mails.back().maildrop_key = std::move(key);
    return result;
  }

  std::optional<MaildropMail> find(IntegrationId integration, const std::string& key) {
    const auto drop = good(store_->maildrops().get(integration));
    for (const auto& mail : drop->mails) {
      if (mail.key == key) return mail;
    }
    return std::nullopt;
  }
};

TEST_F(MaildropsTest, Knows_nothing_before_the_first_look_and_takes_that_only_once) {
  const auto id = make_integration();
  EXPECT_FALSE(good(store_->maildrops().get(id)));

  good(store_->maildrops().begin(id, {"u:a"}, MaildropState::undated));
  good(store_->maildrops().begin(id, {"u:a", "u:b"}, MaildropState::passed_over));
  reopen();

  const auto drop = good(store_->maildrops().get(id));
  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->next_uid, 1U);
  ASSERT_EQ(drop->mails.size(), 1U);
  EXPECT_EQ(drop->mails[0].state, MaildropState::undated);
}

TEST_F(MaildropsTest, Keeps_a_mail_its_key_and_the_next_uid_in_one_transaction) {
  const auto id = begun();

  const auto stored = good(store_->messages().store(maildrop_batch(id, 1, "u:a")));
  reopen();

  EXPECT_EQ(find(id, "u:a")->state, MaildropState::stored);
  EXPECT_EQ(good(store_->maildrops().get(id))->next_uid, 2U);
  EXPECT_EQ(good(store_->messages().get(stored[0].id)).uid, 1U);
  EXPECT_FALSE(good(store_->messages().cursor(id, "INBOX")));
}

TEST_F(MaildropsTest, Knows_the_key_of_a_duplicate_as_stored) {
  const auto id = begun();
  auto first = maildrop_batch(id, 1, "u:a");
  auto second = maildrop_batch(id, 2, "u:b");
  second.mails[0].sha256 = first.mails[0].sha256;
  second.mails[0].message_id = first.mails[0].message_id;

  good(store_->messages().store(std::move(first)));
  const auto again = good(store_->messages().store(std::move(second)));

  EXPECT_TRUE(again[0].duplicate);
  EXPECT_EQ(find(id, "u:b")->state, MaildropState::stored);
}

TEST_F(MaildropsTest, Never_takes_a_mail_for_another_by_its_running_number) {
  const auto id = begun();
  good(store_->messages().store(maildrop_batch(id, 1, "u:a")));
  auto other = maildrop_batch(id, 1, "u:b");
  other.mails[0].sha256 = fake_sha256(77);

  const auto stored = good(store_->messages().store(std::move(other)));

  ASSERT_EQ(stored.size(), 1U);
  EXPECT_FALSE(stored[0].duplicate);
  ASSERT_TRUE(find(id, "u:a") && find(id, "u:b"));
  EXPECT_EQ(find(id, "u:b")->state, MaildropState::stored);
}

TEST_F(MaildropsTest, Does_not_make_a_stored_mail_a_failed_one) {
  const auto id = begun();
  good(store_->messages().store(maildrop_batch(id, 1, "u:a")));
  MaildropMail failed;
  failed.key = "u:a";
  failed.state = MaildropState::failed;
  failed.attempts = 1;

  good(store_->maildrops().record(id, {failed}, {}));
  failed.key = "u:b";
  good(store_->maildrops().record(id, {failed}, {}));

  EXPECT_EQ(find(id, "u:a")->state, MaildropState::stored);
  EXPECT_EQ(find(id, "u:b")->state, MaildropState::failed);
  EXPECT_EQ(find(id, "u:b")->attempts, 1);
}

TEST_F(MaildropsTest, Forgets_a_key_90_days_after_it_went) {
  const auto id = begun({"u:a", "u:b", "u:c"});

  good(store_->maildrops().record_listing(id, {"u:a", "u:b"}, {}, at(1000)));
  EXPECT_TRUE(find(id, "u:a")->missing);
  good(store_->maildrops().record_listing(id, {}, {"u:b"}, at(2000)));
  EXPECT_FALSE(find(id, "u:b")->missing);
  good(store_->maildrops().record_listing(id, {"u:c"}, {}, at(1000) + maildrop_keys_for));
  EXPECT_TRUE(find(id, "u:a")) << "exactly 90 days";
  good(store_->maildrops().record_listing(id, {}, {}, at(1001) + maildrop_keys_for));

  EXPECT_FALSE(find(id, "u:a"));
  EXPECT_TRUE(find(id, "u:b"));
  EXPECT_TRUE(find(id, "u:c"));
}

TEST_F(MaildropsTest, Forgets_at_once_what_was_surely_removed) {
  const auto id = begun({"h:a", "h:b"});

  good(store_->maildrops().forget(id, {"h:a"}));

  EXPECT_FALSE(find(id, "h:a"));
  EXPECT_TRUE(find(id, "h:b"));
}

TEST_F(MaildropsTest, Goes_with_its_integration) {
  const auto id = begun({"u:a"});

  good(store_->integrations().remove(id, std::nullopt, "test", at(1)));

  EXPECT_FALSE(good(store_->maildrops().get(id)));
  EXPECT_EQ(failure(store_->maildrops().begin(id, {}, MaildropState::undated)), errc::not_found);
}

class MaildropRemovalTest : public MaildropsTest {
 protected:
  void SetUp() override {
    MaildropsTest::SetUp();
    auto draft = integration_draft("maildrop");
    draft.value.incoming.after_fetch.action = AfterFetch::remove;
    draft.value.incoming.after_fetch.days = 1;
    draft.value.incoming.after_quarantined.action = AfterFetch::remove;
    id_ = good(store_->integrations().create(draft, "admin", at(1))).value.id;
    good(store_->maildrops().begin(id_, {"u:old"}, MaildropState::passed_over));
  }
  std::vector<Removal> removals(Instant now) {
    return good(store_->maildrops().removals(id_, now, 10));
  }
  void take(MessageId message, std::size_t index) {
    HandoverAttempt attempt;
    attempt.state = HandoverState::acknowledged;
    attempt.at = at(6500);
    attempt.status = 200;
    const auto handovers = good(store_->messages().get(message)).handovers;
    good(store_->handovers().record_attempt(handovers.at(index).id, attempt, {}));
  }
  IntegrationId id_;
};

TEST_F(MaildropRemovalTest, Names_what_every_required_target_has_taken_when_its_days_are_over) {
  const auto desk = make_target("desk"), archive = make_target("archive");
  const auto stored = good(store_->messages().store(maildrop_batch(id_, 1, "u:a")));
  good(store_->messages().record_digest(stored[0].id, {}, {desk, archive}, {}, at(6000)));
  const auto due = good(store_->messages().get(stored[0].id)).stored_at + std::chrono::hours(24);
  EXPECT_TRUE(removals(due).empty()) << "nobody has taken it";
  take(stored[0].id, 0);
  EXPECT_TRUE(removals(due).empty()) << "one has not taken it";
  take(stored[0].id, 1);

  EXPECT_TRUE(removals(due - Duration(1)).empty()) << "too early";
  const auto named = removals(due);
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].keys, std::vector<std::string>{"u:a"});
  good(store_->maildrops().record_listing(id_, {"u:a"}, {}, at(7000)));
  EXPECT_TRUE(removals(due).at(0).keys.empty()) << "it is gone from the server";
  good(store_->after_fetches().record({{named[0].message, ActionEnd::done}}, {}));
  EXPECT_TRUE(removals(due).empty());
}

TEST_F(MaildropRemovalTest, Names_a_copy_that_comes_after_the_first_was_removed) {
  const auto desk = make_target("desk");
  const auto stored = good(store_->messages().store(maildrop_batch(id_, 1, "u:a")));
  good(store_->messages().record_digest(stored[0].id, {}, {desk}, {}, at(6000)));
  take(stored[0].id, 0);
  good(store_->after_fetches().record({{stored[0].id, ActionEnd::done}}, {}));
  good(store_->maildrops().record_listing(id_, {"u:a"}, {}, at(7000)));

  auto copy = maildrop_batch(id_, 2, "u:b");
  copy.mails[0].sha256 = fake_sha256(1);
  copy.mails[0].message_id = "<1@example.com>";
  ASSERT_TRUE(good(store_->messages().store(std::move(copy)))[0].duplicate);

  const auto named = removals(at(1'000'000));
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].keys, std::vector<std::string>{"u:b"});
}

TEST_F(MaildropRemovalTest, Shows_a_quarantined_mail_and_fills_its_row_when_it_comes) {
  TroubledMail bad;
  bad.integration = id_;
  bad.folder = "INBOX";
  bad.uid_validity = maildrop_uid_validity;
  bad.uid = 1;
  bad.maildrop_key = "u:bad";
  bad.note = {"fetch", "-ERR not today", 1, at(7000)};
  bad.at = at(5000);
  const auto put = good(store_->quarantine().put(bad));
  EXPECT_TRUE(good(store_->quarantine().put(bad)).duplicate) << "once, whatever its number";
  reopen();

  EXPECT_EQ(find(id_, "u:bad")->state, MaildropState::quarantined);
  const auto drop = good(store_->maildrops().get(id_));
  EXPECT_EQ(drop->next_uid, 2U);
  ASSERT_EQ(drop->troubles.size(), 1U);
  EXPECT_EQ(drop->troubles[0].trouble.message, put.id);
  EXPECT_EQ(drop->troubles[0].trouble.note.reason, "-ERR not today");
  EXPECT_TRUE(removals(at(9000)).empty()) << "it may come yet";
  EXPECT_FALSE(good(store_->after_fetches().next_due(id_)));
  auto given_up = bad.note;
  given_up.next_try_at.reset();
  good(store_->quarantine().note(put.id, given_up, {}));
  EXPECT_EQ(removals(at(9000)).size(), 1U) << "now its fate is sealed";
  EXPECT_TRUE(good(store_->after_fetches().next_due(id_)));

  const auto stored = good(store_->messages().store(maildrop_batch(id_, 5, "u:bad")));

  EXPECT_EQ(stored[0].id, put.id) << "the same id";
  EXPECT_EQ(find(id_, "u:bad")->state, MaildropState::stored);
  EXPECT_TRUE(good(store_->maildrops().get(id_))->troubles.empty());
  EXPECT_EQ(good(store_->messages().get(put.id)).state, MessageState::stored);
  EXPECT_TRUE(removals(at(9000)).empty());
}

}  // namespace
}  // namespace postern::storage
