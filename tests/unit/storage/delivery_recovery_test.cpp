// What becomes of outgoing mail that a death of the process cut.
#include "unit/storage/deliveries_kit.hpp"

namespace postern::storage {
namespace {

class DeliveryRecoveryTest : public OutgoingTest {};

TEST_F(DeliveryRecoveryTest, Recovers_what_was_being_sent_when_the_last_process_ended) {
  const auto queued = make(), sending = make(), sync_sending = make(true), sync_queued = make(true);
  good(deliveries().begin_attempt(sending, at(110)));
  good(deliveries().begin_attempt(sync_sending, at(110)));
  reopen();

  EXPECT_EQ(good(deliveries().recover(at(500))), 3);

  const auto again = good(deliveries().get(sending));
  EXPECT_EQ(again.outcome.state, DeliveryState::queued);
  EXPECT_EQ(again.outcome.next_attempt_at, at(500));
  EXPECT_EQ(again.attempts, 1);
  EXPECT_TRUE(again.possibly_duplicated);
  EXPECT_EQ(state(sync_sending), DeliveryState::unknown);
  EXPECT_EQ(good(deliveries().get(sync_sending)).outcome.result_code, 61);
  EXPECT_FALSE(good(deliveries().get(sync_sending)).outcome.next_attempt_at);
  EXPECT_EQ(state(sync_queued), DeliveryState::failed);
  EXPECT_EQ(good(deliveries().get(sync_queued)).outcome.result_code, 60);
  EXPECT_FALSE(good(deliveries().get(queued)).possibly_duplicated);
  EXPECT_EQ(good(deliveries().recover(at(501))), 0);
}

// Found by tests/chaos/run --seed 1 idempotent: it was unknown, and its recipient "queued".
TEST_F(DeliveryRecoveryTest, Says_of_each_recipient_how_a_sync_mail_ended_that_a_death_cut) {
  const auto sending = make(true), queued = make(true);
  good(deliveries().begin_attempt(sending, at(110)));
  reopen();

  good(deliveries().recover(at(500)));

  for (const auto& [id, code] : {std::pair(sending, 61), std::pair(queued, 60)}) {
    const auto ended = good(deliveries().get(id));
    ASSERT_EQ(ended.outcome.recipients.size(), ended.envelope.recipients.size());
    for (std::size_t i = 0; i < ended.outcome.recipients.size(); ++i) {
      EXPECT_EQ(ended.outcome.recipients[i].address, ended.envelope.recipients[i]);
      EXPECT_EQ(ended.outcome.recipients[i].result_code, code);
      EXPECT_EQ(ended.outcome.recipients[i].message, ended.outcome.result_message);
    }
  }
}

TEST_F(DeliveryRecoveryTest,
       Marks_what_is_sent_again_by_somebody_who_held_it_when_its_end_was_unknown) {
  const auto released = make(true), retried = make(true);
  for (const auto id : {released, retried}) {
    good(deliveries().begin_attempt(id, at(110)));
  }
  good(deliveries().recover(at(500)));

  for (const auto id : {released, retried}) good(deliveries().hold(id, at(510)));
  good(deliveries().release(released, at(520)));
  good(deliveries().retry(retried, at(520)));

  for (const auto id : {released, retried}) {
    const auto again = good(deliveries().begin_attempt(id, at(520)));
    EXPECT_TRUE(again.possibly_duplicated);
    EXPECT_EQ(again.outcome.recipients.at(0).result_code, 1);
  }
}

TEST_F(DeliveryRecoveryTest, Takes_back_the_queue_of_one_integration_and_no_sync_mail) {
  const auto sending = make(), sync_sending = make(true);
  good(deliveries().begin_attempt(sending, at(110)));
  good(deliveries().begin_attempt(sync_sending, at(110)));

  EXPECT_EQ(good(deliveries().recover_queue(IntegrationId{1}, at(500))), 0);
  EXPECT_EQ(good(deliveries().recover_queue(integration_, at(500))), 1);

  EXPECT_EQ(state(sending), DeliveryState::queued);
  EXPECT_EQ(good(deliveries().get(sending)).outcome.next_attempt_at, at(500));
  EXPECT_EQ(state(sync_sending), DeliveryState::sending);
}

}  // namespace
}  // namespace postern::storage
