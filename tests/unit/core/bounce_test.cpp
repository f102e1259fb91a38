#include "core/bounce.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

RecipientResult result(std::string address, int code) {
  RecipientResult made;
  made.address = std::move(address);
  made.result_code = code;
  return made;
}

RecipientResult bounce(std::string address) {
  auto made = result(std::move(address), 51);
  made.message = "550 gone";
  made.smtp_code = 550;
  made.enhanced_code = "5.1.1";
  made.bounced_at = Instant(Duration(9));
  return made;
}

Delivery delivery(DeliveryState state, std::vector<RecipientResult> results) {
  Delivery made;
  made.attempts = 1;
  made.envelope.recipients = {"a@x.test", "b@x.test"};
  made.outcome.state = state;
  made.outcome.result_code = state == DeliveryState::sent ? 0 : 1;
  made.outcome.recipients = std::move(results);
  return made;
}

TEST(Mark_bounced, Leaves_a_mail_sent_that_another_one_got) {
  auto mail = delivery(DeliveryState::sent, {result("a@x.test", 0), result("b@x.test", 0)});

  EXPECT_TRUE(mark_bounced(mail, bounce("B@X.test")));

  EXPECT_EQ(mail.outcome.state, DeliveryState::sent);
  EXPECT_EQ(mail.outcome.result_code, 52);
  EXPECT_EQ(mail.outcome.recipients[1].address, "b@x.test");
  EXPECT_EQ(mail.outcome.recipients[1].result_code, 51);
  EXPECT_FALSE(mark_bounced(mail, bounce("b@x.test"))) << "a second time";
}

TEST(Mark_bounced, Fails_a_mail_that_nobody_got_in_the_end) {
  auto mail = delivery(DeliveryState::sent, {result("a@x.test", 51), result("b@x.test", 0)});

  EXPECT_TRUE(mark_bounced(mail, bounce("b@x.test")));

  EXPECT_EQ(mail.outcome.state, DeliveryState::failed);
  EXPECT_EQ(mail.outcome.result_code, 51);
  EXPECT_EQ(mail.outcome.result_message, "550 gone");
  EXPECT_EQ(mail.outcome.enhanced_code, "5.1.1");
}

TEST(Mark_bounced, Knows_only_recipients_of_an_attempt_that_were_not_refused) {
  auto mail = delivery(DeliveryState::sent, {result("a@x.test", 51), result("b@x.test", 0)});
  EXPECT_FALSE(mark_bounced(mail, bounce("a@x.test")));
  EXPECT_FALSE(mark_bounced(mail, bounce("stranger@x.test")));
  mail.attempts = 0;
  EXPECT_FALSE(mark_bounced(mail, bounce("b@x.test")));
  EXPECT_EQ(mail.outcome.result_code, 0);
}

TEST(Mark_bounced, Stays_when_the_attempt_ends_after_it) {
  auto mail = delivery(DeliveryState::sending, {});
  ASSERT_TRUE(mark_bounced(mail, bounce("b@x.test")));
  EXPECT_EQ(mail.outcome.state, DeliveryState::sending);

  auto ended = delivery(DeliveryState::sent, {result("a@x.test", 0), result("b@x.test", 0)});
  const auto kept = keep_bounces(mail.outcome, ended.outcome);

  EXPECT_EQ(kept.state, DeliveryState::sent);
  EXPECT_EQ(kept.result_code, 52);
  EXPECT_TRUE(kept.recipients[1].bounced_at);
  EXPECT_EQ(keep_bounces({}, ended.outcome).result_code, 0);
}

TEST(Mark_bounced, Of_a_waiting_mail_keeps_it_waiting_for_the_others) {
  auto mail = delivery(DeliveryState::queued, {result("a@x.test", 1), result("b@x.test", 0)});
  EXPECT_TRUE(mark_bounced(mail, bounce("b@x.test")));
  EXPECT_EQ(mail.outcome.state, DeliveryState::queued);
  EXPECT_EQ(mail.outcome.result_code, 1);
}

}  // namespace
}  // namespace postern
