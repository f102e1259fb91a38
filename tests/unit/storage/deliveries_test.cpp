// Outgoing mail: the promise, keys, attempts and what people may do.
#include "unit/storage/deliveries_kit.hpp"

namespace postern::storage {
namespace {

class DeliveriesTest : public OutgoingTest {};

DeliveryOutcome outcome(DeliveryState state, int code, std::optional<Instant> next = {}) {
  DeliveryOutcome ended;
  ended.state = state;
  ended.result_code = code;
  ended.result_message = "250 2.0.0 Ok";
  ended.smtp_code = 250;
  ended.enhanced_code = "2.0.0";
  ended.next_attempt_at = next;
  RecipientResult recipient;
  recipient.address = "a@example.com";
  recipient.result_code = code;
  recipient.smtp_code = 250;
  recipient.message = "ok \"quoted\"";
  ended.recipients.push_back(recipient);
  return ended;
}

TEST_F(DeliveriesTest, Are_due_by_priority_then_by_age) {
  const auto make_one = [&](Priority priority, int due) {
    auto fresh = new_delivery(integration_, "bytes");
    fresh.priority = priority;
    fresh.due = at(due);
    return good(deliveries().create(std::move(fresh))).delivery.id;
  };
  const auto low = make_one(Priority::low, 100);
  const auto late = make_one(Priority::normal, 300);
  const auto normal = make_one(Priority::normal, 200);
  const auto high = make_one(Priority::high, 400);
  make_one(Priority::high, 900);

  const auto ids = [&](int limit) {
    std::vector<DeliveryId> found;
    for (const auto& row : good(deliveries().due(integration_, at(500), limit))) {
      found.push_back(row.id);
    }
    return found;
  };

  EXPECT_EQ(ids(10), (std::vector{high, normal, late, low}));
  EXPECT_EQ(ids(2), (std::vector{high, normal}));
  EXPECT_EQ(ids(1), (std::vector{high}));
  EXPECT_EQ(good(deliveries().next_due(integration_)), at(100));
}

TEST_F(DeliveriesTest, Are_listed_by_their_tags) {
  const auto make_one = [&](std::vector<std::string> tags) {
    auto fresh = new_delivery(integration_, "bytes");
    fresh.tags = std::move(tags);
    return good(deliveries().create(std::move(fresh))).delivery.id;
  };
  const auto both = make_one({"a", "b"});
  make_one({});
  const auto one = make_one({"b", "b"});
  DeliveryFilter filter;
  filter.tag = "b";

  const auto found = good(deliveries().list(filter, {}));
  filter.tag = "a";
  const auto of_a = good(deliveries().list(filter, {}));
  filter.tag = "c";

  ASSERT_EQ(found.items.size(), 2u);
  EXPECT_EQ(found.items[0].id, one);
  EXPECT_EQ(found.items[1].id, both);
  ASSERT_EQ(of_a.items.size(), 1u);
  EXPECT_EQ(of_a.items[0].id, both);
  EXPECT_TRUE(good(deliveries().list(filter, {})).items.empty());
}

TEST_F(DeliveriesTest, Keeps_the_promise_across_a_new_start) {
  auto fresh = new_delivery(integration_, "bytes \0 of it");
  fresh.notes = {"charset fell back to UTF-8"};
  fresh.priority = Priority::low;
  fresh.tags = {"invoice", "\"odd\" tag"};
  fresh.needs_smtputf8 = true;
  fresh.due = at(150);

  const auto made = good(deliveries().create(fresh));
  reopen();

  EXPECT_FALSE(made.replayed);
  const auto row = good(deliveries().get(made.delivery.id));
  EXPECT_EQ(row.envelope.sender, "support@example.com");
  EXPECT_EQ(row.envelope.recipients, fresh.envelope.recipients);
  EXPECT_EQ(row.message_id, "<out@example.com>");
  EXPECT_EQ(row.subject, "Hello");
  EXPECT_EQ(row.size_bytes, fresh.bytes.size());
  EXPECT_EQ(row.notes, fresh.notes);
  EXPECT_EQ(row.priority, Priority::low);
  EXPECT_EQ(row.tags, fresh.tags);
  EXPECT_TRUE(row.needs_smtputf8);
  EXPECT_EQ(row.created_at, at(100));
  EXPECT_EQ(row.outcome.state, DeliveryState::queued);
  EXPECT_EQ(row.outcome.result_code, 1);
  EXPECT_EQ(row.outcome.next_attempt_at, at(150));
  EXPECT_EQ(good(deliveries().bytes(row.id)), fresh.bytes);
  EXPECT_EQ(good(deliveries().waiting()), 1u);
}

TEST_F(DeliveriesTest, The_same_key_makes_one_delivery) {
  auto fresh = new_delivery(integration_, "bytes");
  IdempotencyKey key;
  key.scope = "tok_1";
  key.key = "order-7";
  key.body_sha256 = fake_sha256(7);
  fresh.idempotency = key;
  EXPECT_FALSE(good(deliveries().find_key(key)));

  const auto first = good(deliveries().create(fresh));
  const auto again = good(deliveries().create(fresh));

  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.delivery.id, first.delivery.id);
  EXPECT_EQ(good(deliveries().find_key(key))->id, first.delivery.id);
  auto other_body = fresh;
  other_body.idempotency->body_sha256 = fake_sha256(8);
  EXPECT_EQ(failure(deliveries().create(other_body)), errc::key_in_use);
  EXPECT_EQ(failure(deliveries().find_key(*other_body.idempotency)), errc::key_in_use);
  auto other_scope = fresh;
  other_scope.idempotency->scope = "tok_2";
  EXPECT_FALSE(good(deliveries().create(other_scope)).replayed);
  EXPECT_EQ(good(deliveries().list({}, {})).items.size(), 2u);
}

TEST_F(DeliveriesTest, Keeps_keys_for_a_day) {
  auto fresh = new_delivery(integration_, "bytes");
  IdempotencyKey key;
  key.scope = "tok_1";
  key.key = "k";
  key.body_sha256 = fake_sha256(7);
  fresh.idempotency = key;
  good(deliveries().create(fresh));

  good(store_->purge(at(100) + std::chrono::hours(24)));
  EXPECT_TRUE(good(deliveries().find_key(key)));
  good(store_->purge(at(101) + std::chrono::hours(24)));
  EXPECT_FALSE(good(deliveries().find_key(key)));
}

TEST_F(DeliveriesTest, Counts_an_attempt_before_it_and_keeps_its_outcome) {
  const auto id = make();
  NewEvent sent;
  sent.kind = "message.sent";

  const auto begun = good(deliveries().begin_attempt(id, at(110)));
  EXPECT_EQ(failure(deliveries().begin_attempt(id, at(111))), errc::wrong_state);
  good(deliveries().finish_attempt(id, outcome(DeliveryState::sent, 0), false, at(112), {sent}));

  EXPECT_EQ(begun.attempts, 1);
  EXPECT_EQ(begun.outcome.state, DeliveryState::sending);
  const auto row = good(deliveries().get(id));
  EXPECT_EQ(row.outcome.state, DeliveryState::sent);
  EXPECT_EQ(row.outcome.result_code, 0);
  EXPECT_EQ(row.outcome.smtp_code, 250);
  EXPECT_EQ(row.outcome.enhanced_code, "2.0.0");
  EXPECT_EQ(row.outcome.recipients.at(0).message, "ok \"quoted\"");
  EXPECT_FALSE(row.outcome.next_attempt_at);
  EXPECT_EQ(good(deliveries().waiting()), 0u);
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1u);
  EXPECT_EQ(failure(deliveries().finish_attempt(id, outcome(DeliveryState::failed, 51), false,
                                                at(113), {sent})),
            errc::wrong_state);
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1u);
}

TEST_F(DeliveriesTest, Ends_one_attempt_and_begins_the_next_in_one_step_each_by_itself) {
  const auto first = make(), second = make(), third = make();
  good(deliveries().begin_attempt(first, at(110)));
  AttemptEnd end;
  end.id = first;
  end.outcome = outcome(DeliveryState::sent, 0);

  const auto turn = good(deliveries().next_attempt(end, second, at(111)));
  const auto ended_twice = good(deliveries().next_attempt(end, third, at(112)));
  end.id = second;
  const auto held_meanwhile = good(deliveries().next_attempt(end, third, at(113)));

  EXPECT_FALSE(turn.not_ended || turn.not_begun);
  EXPECT_EQ(turn.begun.value().id, second);
  EXPECT_EQ(turn.begun.value().attempts, 1);
  EXPECT_EQ(ended_twice.not_ended.value().code, errc::wrong_state);
  EXPECT_EQ(ended_twice.begun.value().id, third);
  EXPECT_EQ(held_meanwhile.not_begun.value().code, errc::wrong_state);
  EXPECT_FALSE(held_meanwhile.not_ended || held_meanwhile.begun);
  EXPECT_EQ(state(first), DeliveryState::sent);
  EXPECT_EQ(state(second), DeliveryState::sent);
  EXPECT_EQ(state(third), DeliveryState::sending);
}

TEST_F(DeliveriesTest, Gives_what_is_due_oldest_first_also_unknown_ones_to_resend) {
  const auto first = make(), second = make(), third = make();
  make(true);  // sync: its caller sends it
  good(deliveries().begin_attempt(first, at(110)));
  good(deliveries().finish_attempt(first, outcome(DeliveryState::queued, 54, at(300)), false,
                                   at(111), {}));
  good(deliveries().begin_attempt(second, at(110)));
  good(deliveries().finish_attempt(second, outcome(DeliveryState::unknown, 61, at(200)), true,
                                   at(111), {}));

  EXPECT_EQ(good(deliveries().next_due(integration_)), at(100));
  EXPECT_EQ(good(deliveries().due(integration_, at(150), 10)).at(0).id, third);
  const auto all = good(deliveries().due(integration_, at(300), 10));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].id, second);
  EXPECT_TRUE(all[1].possibly_duplicated);
  EXPECT_EQ(all[1].unknown_attempts, 1);
  EXPECT_EQ(all[2].id, first);
  EXPECT_EQ(good(deliveries().begin_attempt(second, at(200))).attempts, 2);
  EXPECT_EQ(good(deliveries().due(integration_, at(300), 1)).size(), 1u);
}

TEST_F(DeliveriesTest, An_unknown_one_that_is_only_reported_is_not_due) {
  const auto id = make();
  good(deliveries().begin_attempt(id, at(110)));
  good(deliveries().finish_attempt(id, outcome(DeliveryState::unknown, 61), false, at(111), {}));

  EXPECT_TRUE(good(deliveries().due(integration_, at(9999), 10)).empty());
  EXPECT_EQ(failure(deliveries().begin_attempt(id, at(120))), errc::wrong_state);
  EXPECT_EQ(good(deliveries().waiting()), 0u);
}

TEST_F(DeliveriesTest, A_queued_outcome_without_a_time_is_due_at_once) {
  const auto id = make();
  good(deliveries().begin_attempt(id, at(110)));
  good(deliveries().finish_attempt(id, outcome(DeliveryState::queued, 54), false, at(111), {}));

  EXPECT_EQ(good(deliveries().next_due(integration_)), at(111));
}

TEST_F(DeliveriesTest, One_that_was_not_begun_may_be_ended) {
  const auto id = make();

  good(deliveries().finish_attempt(id, outcome(DeliveryState::failed, 54), false, at(111), {}));

  EXPECT_EQ(state(id), DeliveryState::failed);
  EXPECT_EQ(good(deliveries().get(id)).attempts, 0);
}

TEST_F(DeliveriesTest, Lets_a_held_mail_go_to_other_recipients) {
  const auto id = make();
  EXPECT_EQ(failure(deliveries().release(id, at(101))), errc::wrong_state);
  EXPECT_EQ(failure(deliveries().set_recipients(id, {"x@else.test"})), errc::wrong_state);
  good(deliveries().hold(id, at(110)));

  const auto changed = good(deliveries().set_recipients(id, {"x@else.test", "y@else.test"}));
  EXPECT_EQ(changed.envelope.recipients, (std::vector<std::string>{"x@else.test", "y@else.test"}));
  EXPECT_EQ(good(deliveries().release(id, at(120))).outcome.next_attempt_at, at(120));

  const auto begun = good(deliveries().begin_attempt(id, at(120)));
  EXPECT_EQ(begun.envelope.recipients.front(), "x@else.test");
  const auto attempts = good(deliveries().attempts(id));
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_FALSE(attempts[0].ended_at);
}

TEST_F(DeliveriesTest, Never_leaves_out_who_got_the_mail_already) {
  const auto id = make();
  const auto begun = good(deliveries().begin_attempt(id, at(100)));
  DeliveryOutcome outcome;
  outcome.state = DeliveryState::queued;
  RecipientResult got;
  got.address = begun.envelope.recipients.front();
  got.result_code = 0;
  outcome.recipients.push_back(got);
  good(deliveries().finish_attempt(id, outcome, false, at(101), {}));
  good(deliveries().hold(id, at(102)));

  EXPECT_EQ(failure(deliveries().set_recipients(id, {"x@else.test"})), errc::wrong_state);
  const auto both = good(deliveries().set_recipients(id, {got.address, "x@else.test"}));
  ASSERT_EQ(both.outcome.recipients.size(), 1u);
  EXPECT_EQ(both.outcome.recipients[0].result_code, 0);
}

TEST_F(DeliveriesTest, Holds_cancels_and_retries) {
  const auto id = make();

  EXPECT_EQ(good(deliveries().hold(id, at(110))).outcome.state, DeliveryState::held);
  EXPECT_TRUE(good(deliveries().due(integration_, at(9999), 10)).empty());
  EXPECT_EQ(failure(deliveries().begin_attempt(id, at(111))), errc::wrong_state);
  EXPECT_EQ(good(deliveries().retry(id, at(120))).outcome.next_attempt_at, at(120));
  EXPECT_EQ(good(deliveries().cancel(id, at(130))).outcome.result_code, 62);
  EXPECT_EQ(failure(deliveries().hold(id, at(131))), errc::wrong_state);
  EXPECT_EQ(good(deliveries().cancel(id, at(132))).outcome.state, DeliveryState::cancelled);
  EXPECT_EQ(good(deliveries().retry(id, at(140))).outcome.state, DeliveryState::queued);
}

TEST_F(DeliveriesTest, Leaves_alone_what_is_sent_or_being_sent) {
  const auto id = make();
  good(deliveries().begin_attempt(id, at(110)));
  EXPECT_EQ(failure(deliveries().retry(id, at(111))), errc::wrong_state);
  EXPECT_EQ(failure(deliveries().hold(id, at(111))), errc::wrong_state);
  EXPECT_EQ(failure(deliveries().cancel(id, at(111))), errc::wrong_state);
  good(deliveries().finish_attempt(id, outcome(DeliveryState::sent, 0), false, at(112), {}));

  EXPECT_EQ(failure(deliveries().retry(id, at(113))), errc::wrong_state);
  EXPECT_EQ(failure(deliveries().hold(id, at(113))), errc::wrong_state);
  EXPECT_EQ(failure(deliveries().cancel(id, at(113))), errc::wrong_state);
  EXPECT_EQ(failure(deliveries().retry(DeliveryId{3}, at(113))), errc::not_found);
}

TEST_F(DeliveriesTest, A_retry_after_an_unknown_outcome_is_marked) {
  const auto id = make(true);
  good(deliveries().begin_attempt(id, at(110)));
  good(deliveries().finish_attempt(id, outcome(DeliveryState::unknown, 61), false, at(111), {}));

  const auto again = good(deliveries().retry(id, at(120)));

  EXPECT_TRUE(again.possibly_duplicated);
  EXPECT_FALSE(again.sync);
  EXPECT_EQ(again.outcome.recipients.size(), 1u);
  EXPECT_EQ(good(deliveries().due(integration_, at(120), 10)).size(), 1u);
}

TEST_F(DeliveriesTest, Lists_by_integration_and_state_newest_first) {
  const auto first = make(), second = make();
  good(deliveries().hold(first, at(110)));
  DeliveryFilter held, all;
  held.state = DeliveryState::held;
  all.integration = integration_;
  PageRequest one;
  one.limit = 1;

  EXPECT_EQ(good(deliveries().list(held, {})).items.at(0).id, first);
  EXPECT_EQ(good(deliveries().list(all, {})).items.at(0).id, second);
  one.cursor = good(deliveries().list(all, one)).next_cursor;
  EXPECT_EQ(good(deliveries().list(all, one)).items.at(0).id, first);
}

TEST_F(DeliveriesTest, Refuses_an_integration_that_is_not_there) {
  EXPECT_EQ(failure(deliveries().create(new_delivery(IntegrationId{9}, "x"))), errc::not_found);
  EXPECT_EQ(failure(deliveries().bytes(DeliveryId{9})), errc::not_found);
}

}  // namespace
}  // namespace postern::storage
