// Leases: who holds what, until when, and what comes back.
#include "storage/database.hpp"
#include "unit/storage/kit.hpp"

#include <set>

namespace postern::storage {
namespace {

using namespace std::chrono_literals;

class PullTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
    TargetDraft draft;
    draft.value.name = "desk";
    draft.value.type = "pull";
    target_ = good(store_->targets().create(draft, "admin", at(1))).value.id;
  }
  void offer(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      messages_.push_back(make_message(integration_, ++uid_, {target_}));
    }
  }
  Leases lease(Instant now, int limit = 10, Duration time = 60s) {
    LeaseTerms terms;
    terms.limit = limit;
    terms.time = time;
    return good(store_->pull().lease(target_, terms, now));
  }
  std::vector<LeaseFate> acknowledge(std::vector<LeaseId> ids, Instant now = at(8000)) {
    return good(store_->pull().acknowledge(target_, std::move(ids), now)).fates;
  }
  std::vector<LeaseFate> give_back(std::vector<LeaseId> ids, Instant now = at(8000)) {
    return good(store_->pull().give_back(target_, std::move(ids), "no room", now));
  }
  Handover handover_of(std::size_t index) {
    return good(store_->messages().get(messages_.at(index))).handovers.at(0);
  }

  IntegrationId integration_;
  TargetId target_;
  std::vector<MessageId> messages_;
  std::uint32_t uid_ = 0;
};

using Fates = std::vector<LeaseFate>;

TEST_F(PullTest, Gives_an_older_mail_first_that_is_handed_over_again) {
  offer(3);
  const auto first = lease(at(7000), 1);
  acknowledge({first.items[0].id});
  good(store_->handovers().hand_over_again(messages_[0], {target_}, at(7100)));

  const auto all = lease(at(7200), 10);

  ASSERT_EQ(all.items.size(), 3u);
  EXPECT_EQ(all.items[0].message, messages_[0]);
  EXPECT_EQ(all.items[1].message, messages_[1]);
}

TEST_F(PullTest, Gives_the_oldest_first_and_nothing_to_two_at_once) {
  offer(5);

  const auto first = lease(at(7000), 2);
  const auto second = lease(at(7000), 10);
  const auto third = lease(at(7000), 10);

  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[0].message, messages_[0]);
  EXPECT_EQ(first.items[1].message, messages_[1]);
  EXPECT_EQ(first.items[0].until, at(7000) + 60s);
  EXPECT_EQ(first.items[0].attempts, 1);
  ASSERT_EQ(second.items.size(), 3u);
  EXPECT_EQ(second.items[0].message, messages_[2]);
  EXPECT_TRUE(third.items.empty());
  EXPECT_EQ(third.next_due, at(7000) + 60s);
}

TEST_F(PullTest, What_is_acknowledged_never_comes_back) {
  offer(2);
  const auto held = lease(at(7000));
  const auto id = held.items.at(0).id;

  EXPECT_EQ(acknowledge({id}), Fates{LeaseFate::done});
  EXPECT_EQ(acknowledge({id}), Fates{LeaseFate::done});
  reopen();
  EXPECT_EQ(acknowledge({id}), Fates{LeaseFate::done});
  EXPECT_EQ(give_back({id}), Fates{LeaseFate::acknowledged});
  const auto later = lease(at(7000) + 24h);

  ASSERT_EQ(later.items.size(), 1u);
  EXPECT_EQ(later.items[0].message, messages_[1]);
  EXPECT_EQ(handover_of(0).state, HandoverState::acknowledged);
  EXPECT_EQ(good(store_->messages().get(messages_[0])).state, MessageState::handed_over);
  EXPECT_EQ(good(store_->messages().get(messages_[1])).state, MessageState::stored);
}

TEST_F(PullTest, A_lease_outlives_a_restart_and_runs_out_in_time) {
  offer(1);
  const auto first = lease(at(7000), 10, 30s);
  reopen();

  EXPECT_TRUE(lease(at(7000) + 29s).items.empty());
  const auto second = lease(at(7000) + 30s);

  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].handover, first.items[0].handover);
  EXPECT_NE(second.items[0].id, first.items[0].id);
  EXPECT_EQ(second.items[0].attempts, 2);
  EXPECT_EQ(handover_of(0).last_error, "the lease ran out");
  EXPECT_EQ(acknowledge({first.items[0].id, second.items[0].id}),
            (Fates{LeaseFate::unknown, LeaseFate::done}));
}

TEST_F(PullTest, A_lease_that_ran_out_is_good_while_nobody_else_has_the_mail) {
  offer(1);
  const auto held = lease(at(7000), 1, 1s);

  EXPECT_EQ(acknowledge({held.items.at(0).id}, at(7000) + 1h), Fates{LeaseFate::done});
  EXPECT_TRUE(lease(at(7000) + 2h).items.empty());
}

TEST_F(PullTest, What_is_given_back_is_available_at_once_before_newer_mail) {
  offer(2);
  const auto held = lease(at(7000), 1);
  const auto id = held.items.at(0).id;

  EXPECT_EQ(give_back({id}, at(7001)), Fates{LeaseFate::done});
  EXPECT_EQ(give_back({id}, at(7001)), Fates{LeaseFate::done});
  EXPECT_EQ(acknowledge({id}), Fates{LeaseFate::given_back});
  const auto again = lease(at(7001), 1);

  ASSERT_EQ(again.items.size(), 1u);
  EXPECT_EQ(again.items[0].message, messages_[0]);
  EXPECT_EQ(handover_of(0).last_error, "no room");
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1u);
}

TEST_F(PullTest, Keeps_the_last_tries_of_a_mail_that_is_given_back_for_ever) {
  offer(1);
  for (int i = 0; i < pull_attempts_kept * 3; ++i) {
    give_back({lease(at(7000 + i)).items.at(0).id}, at(7000 + i));
  }

  EXPECT_EQ(handover_of(0).attempts, pull_attempts_kept * 3);
  EXPECT_EQ(handover_of(0).state, HandoverState::waiting);
  auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
  auto query = database.query("SELECT count(*) FROM handover_attempt");
  ASSERT_TRUE(query.step());
  int rows = 0;
  query.read(rows);
  EXPECT_EQ(rows, pull_attempts_kept);
}

TEST_F(PullTest, Each_id_has_its_own_fate) {
  offer(2);
  TargetDraft other;
  other.value.name = "other";
  other.value.type = "pull";
  const auto others = good(store_->targets().create(other, "admin", at(1))).value.id;
  const auto held = lease(at(7000));

  EXPECT_EQ(good(store_->pull().acknowledge(others, {held.items[0].id}, at(7000))).fates,
            Fates{LeaseFate::unknown});
  EXPECT_EQ(acknowledge({LeaseId{7}, held.items[0].id, held.items[0].id}),
            (Fates{LeaseFate::unknown, LeaseFate::done, LeaseFate::done}));
  good(store_->targets().remove(target_, {}, "admin", at(9)));
  EXPECT_EQ(failure(store_->pull().acknowledge(target_, {held.items[1].id}, at(7000))),
            errc::not_found);
}

TEST_F(PullTest, Gives_no_more_bytes_than_asked_but_always_one) {
  offer(3);
  LeaseTerms terms;
  terms.limit = 10;
  terms.bytes_max = 1;

  EXPECT_EQ(good(store_->pull().lease(target_, terms, at(7000))).items.size(), 1u);
}

TEST_F(PullTest, Refuses_targets_that_are_disabled_or_of_another_type) {
  offer(1);
  const auto held = lease(at(7000), 1, 1s);
  auto draft = TargetDraft{good(store_->targets().find("desk")).value, {}, {}};
  draft.value.enabled = false;
  good(store_->targets().replace(target_, draft, {}, "admin", at(2)));

  EXPECT_EQ(failure(store_->pull().lease(target_, {}, at(9000))), errc::wrong_state);
  EXPECT_EQ(failure(store_->pull().lease(make_target("hook"), {}, at(9000))), errc::wrong_state);
  EXPECT_EQ(failure(store_->pull().lease(TargetId{4}, {}, at(9000))), errc::not_found);
  EXPECT_EQ(acknowledge({held.items[0].id}), Fates{LeaseFate::done});
}

TEST_F(PullTest, A_mail_under_a_lease_is_not_hurried_to_a_second_consumer) {
  offer(1);
  const auto held = lease(at(7000));

  EXPECT_EQ(failure(store_->handovers().retry(held.items[0].handover, at(7001))),
            errc::wrong_state);
  good(store_->handovers().hand_over_again(messages_[0], {target_}, at(7001)));
  EXPECT_TRUE(lease(at(7002)).items.empty());
}

class ReplayTest : public PullTest {
 protected:
  ReplayPage replay(ReplaySpan span, int limit = 100) {
    return good(store_->handovers().replay(target_, span, limit, at(9000)));
  }
  const ReplaySpan all_{at(0), at(1'000'000'000), {}};
};

TEST_F(ReplayTest, Makes_new_handovers_in_order_and_doubles_nothing_that_waits) {
  offer(4);
  const auto held = lease(at(7000), 3);
  acknowledge({held.items[0].id, held.items[1].id, held.items[2].id});

  const auto page = replay(all_);
  const auto again = lease(at(9000));

  EXPECT_EQ(page.count, 3);
  EXPECT_FALSE(page.more);
  ASSERT_EQ(again.items.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(again.items[i].message, messages_[i]);
  EXPECT_NE(again.items[0].handover, held.items[0].handover);
  EXPECT_EQ(replay(all_).count, 0);
}

TEST_F(ReplayTest, Goes_page_by_page) {
  offer(5);
  for (const auto& each : lease(at(7000)).items) acknowledge({each.id});
  auto span = all_;
  int pages = 0, count = 0;

  for (bool more = true; more; ++pages) {
    const auto page = replay(span, 2);
    span.after = page.last;
    more = page.more;
    count += page.count;
  }

  EXPECT_EQ(count, 5);
  EXPECT_EQ(pages, 3);
  const auto again = lease(at(9000));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(again.items.at(i).message, messages_[i]);
}

TEST_F(ReplayTest, Takes_the_mails_stored_within_the_span) {
  offer(2);
  for (const auto& each : lease(at(7000)).items) acknowledge({each.id});
  const auto stored = good(store_->messages().get(messages_[0])).stored_at;

  EXPECT_EQ(replay({stored + 1ms, stored + 1h, {}}).count, 0);
  EXPECT_EQ(replay({stored - 1h, stored, {}}).count, 0);
  EXPECT_EQ(replay({stored, stored + 1ms, {}}).count, 2);
}

TEST_F(ReplayTest, Refuses_a_disabled_target) {
  auto draft = TargetDraft{good(store_->targets().find("desk")).value, {}, {}};
  draft.value.enabled = false;
  good(store_->targets().replace(target_, draft, {}, "admin", at(2)));

  EXPECT_EQ(failure(store_->handovers().replay(target_, all_, 10, at(9000))), errc::wrong_state);
  EXPECT_EQ(failure(store_->handovers().replay(TargetId{4}, all_, 10, at(9000))), errc::not_found);
}

}  // namespace
}  // namespace postern::storage
