// What is kept for targets between two attempts: progress, tickets, credentials; which are due.
#include "storage/threads.hpp"
#include "unit/storage/kit.hpp"

#include <gtest/gtest.h>

namespace postern::storage {
namespace {

class TargetWorkTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    target_ = make_target("desk");
    make_message(make_integration(), 1, {target_});
    handover_ = good(store_->handovers().due(target_, at(9000), 1)).at(0).id;
  }
  HandoverAttempt attempt(HandoverState state, Instant due) {
    HandoverAttempt made;
    made.state = state;
    made.at = at(6000);
    made.due = due;
    return made;
  }
  TargetId target_;
  HandoverId handover_;
};

TEST_F(TargetWorkTest, Progress_is_kept_from_before_the_deed_and_from_its_end) {
  auto& handovers = store_->handovers();
  EXPECT_EQ(good(handovers.progress(handover_)), "");

  good(handovers.note_progress(handover_, "begun"));
  EXPECT_EQ(good(handovers.progress(handover_)), "begun");
  auto ended = attempt(HandoverState::waiting, at(7000));
  ended.progress = "half";
  good(handovers.record_attempt(handover_, ended, {}));

  EXPECT_EQ(good(handovers.progress(handover_)), "half");
  EXPECT_EQ(failure(handovers.note_progress(HandoverId{1}, "x")), errc::not_found);
}

TEST_F(TargetWorkTest, A_threads_ticket_is_learnt_and_forgotten_and_goes_with_its_target) {
  auto& handovers = store_->handovers();
  auto learnt = attempt(HandoverState::waiting, at(7000));
  learnt.ticket = ThreadTicket{"<1@x>", "12"};
  good(handovers.record_attempt(handover_, learnt, {}));
  EXPECT_EQ(good(handovers.ticket_of(target_, "<1@x>")), "12");
  EXPECT_EQ(good(handovers.ticket_of(target_, "<2@x>")), "");
  EXPECT_EQ(good(handovers.ticket_of(make_target("other"), "<1@x>")), "");

  learnt.ticket = ThreadTicket{"<1@x>", ""};
  good(handovers.record_attempt(handover_, learnt, {}));
  EXPECT_EQ(good(handovers.ticket_of(target_, "<1@x>")), "");

  learnt.ticket = ThreadTicket{"<1@x>", "13"};
  good(handovers.record_attempt(handover_, learnt, {}));
  good(store_->targets().remove(target_, std::nullopt, "test", at(9000)));
  EXPECT_EQ(good(handovers.ticket_of(target_, "<1@x>")), "");
}

TEST_F(TargetWorkTest, A_threads_ticket_is_kept_as_long_as_the_thread_after_its_last_mail) {
  auto& handovers = store_->handovers();
  auto learnt = attempt(HandoverState::waiting, at(7000));
  learnt.ticket = ThreadTicket{"<1@x>", "12"};
  good(handovers.record_attempt(handover_, learnt, {}));
  learnt.at = at(6000) + thread_keys_for;
  good(handovers.record_attempt(handover_, learnt, {}));

  good(store_->purge(at(6000) + 2 * thread_keys_for));
  EXPECT_EQ(good(handovers.ticket_of(target_, "<1@x>")), "12");
  good(store_->purge(at(6001) + 2 * thread_keys_for));
  EXPECT_EQ(good(handovers.ticket_of(target_, "<1@x>")), "");
}

TEST_F(TargetWorkTest, A_targets_status_tells_its_own_failures_and_not_those_of_a_mail) {
  auto& handovers = store_->handovers();
  auto& targets = store_->targets();
  EXPECT_EQ(good(targets.statuses())[target_].waiting, 1u);
  auto failed = attempt(HandoverState::waiting, at(7000));
  failed.status = 503;
  failed.error = "Service Unavailable";
  failed.hint = "Wait.";
  failed.target_failed = true;
  good(handovers.record_attempt(handover_, failed, {}));
  good(handovers.record_attempt(handover_, failed, {}));
  auto status = good(targets.statuses())[target_];
  EXPECT_EQ(status.consecutive_errors, 2u);
  EXPECT_FALSE(status.last_success);
  ASSERT_TRUE(status.last_error);
  EXPECT_EQ(status.last_error->at, at(6000));
  EXPECT_EQ(status.last_error->status, 503);
  EXPECT_EQ(status.last_error->message, "Service Unavailable");
  EXPECT_EQ(status.last_error->hint, "Wait.");

  auto refused = attempt(HandoverState::parked, at(7000));
  refused.status = 422;
  good(handovers.record_attempt(handover_, refused, {}));
  status = good(targets.statuses())[target_];
  EXPECT_EQ(status.consecutive_errors, 0u);
  EXPECT_EQ(status.last_error->status, 503) << "kept: it is the last that was the target's";
  EXPECT_EQ(status.waiting, 0u);
  EXPECT_EQ(status.parked, 1u);

  good(handovers.retry(handover_, at(8000)));
  good(handovers.record_attempt(handover_, attempt(HandoverState::acknowledged, at(0)), {}));
  status = good(targets.statuses())[target_];
  EXPECT_EQ(status.last_success, at(6000));
  EXPECT_EQ(status.parked, 0u);
  good(targets.remove(target_, std::nullopt, "test", at(9000)));
  EXPECT_FALSE(good(targets.statuses())[target_].last_success);
}

TEST_F(TargetWorkTest, Those_tried_before_are_found_alone_and_what_is_due_later) {
  auto& handovers = store_->handovers();
  const auto tried = HandoverChoice::tried_before;
  EXPECT_TRUE(good(handovers.due(target_, at(9000), 10, tried)).empty());
  EXPECT_FALSE(good(handovers.next_due(target_, std::nullopt, tried)));

  good(handovers.record_attempt(handover_, attempt(HandoverState::waiting, at(7000)), {}));

  EXPECT_EQ(good(handovers.due(target_, at(7000), 10, tried)).size(), 1u);
  EXPECT_EQ(good(handovers.next_due(target_, std::nullopt, tried)), at(7000));
  EXPECT_EQ(good(handovers.next_due(target_, at(6999))), at(7000));
  EXPECT_FALSE(good(handovers.next_due(target_, at(7000))));
}

TEST_F(TargetWorkTest, A_credential_is_sealed_kept_cleared_and_dropped_with_the_type) {
  auto& targets = store_->targets();
  auto draft = target_draft("helpdesk");
  draft.value.type = "osticket";
  draft.value.url = "https://desk.example";
  draft.credential = Secret("geheim");
  const auto made = good(targets.create(draft, "test", at(1)));
  EXPECT_TRUE(made.credential_set);

  draft.credential.reset();
  EXPECT_TRUE(good(targets.replace(made.value.id, draft, {}, "test", at(2))).credential_set);
  EXPECT_EQ(good(targets.secrets(made.value.id)).credential, Secret("geheim"));
  draft.value.type = "redmine";
  EXPECT_FALSE(good(targets.replace(made.value.id, draft, {}, "test", at(3))).credential_set);
  draft.credential = Secret("neu");
  EXPECT_TRUE(good(targets.replace(made.value.id, draft, {}, "test", at(4))).credential_set);
  draft.credential = Secret();
  EXPECT_FALSE(good(targets.replace(made.value.id, draft, {}, "test", at(5))).credential_set);
}

}  // namespace
}  // namespace postern::storage
