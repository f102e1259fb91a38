#include "flows/recipients.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

RecipientResult result(std::string address, int result_code, int smtp_code) {
  RecipientResult made;
  made.address = std::move(address);
  made.result_code = result_code;
  made.smtp_code = smtp_code;
  return made;
}

Delivery delivery_to(std::vector<std::string> recipients, std::vector<RecipientResult> results) {
  Delivery delivery;
  delivery.envelope.sender = "me@example.com";
  delivery.envelope.recipients = std::move(recipients);
  delivery.outcome.recipients = std::move(results);
  return delivery;
}

DeliveryOutcome outcome(DeliveryState state, int code, std::vector<RecipientResult> results) {
  DeliveryOutcome made;
  made.state = state;
  made.result_code = code;
  made.recipients = std::move(results);
  return made;
}

TEST(Open_envelope, Is_for_everybody_at_first) {
  const auto envelope = open_envelope(delivery_to({"a", "b"}, {}));
  EXPECT_EQ(envelope.sender, "me@example.com");
  EXPECT_EQ(envelope.recipients, (std::vector<std::string>{"a", "b"}));
}

Envelope to(std::vector<std::string> recipients) {
  Envelope envelope;
  envelope.recipients = std::move(recipients);
  return envelope;
}

TEST(Fitting, Is_everybody_without_limits) {
  EXPECT_EQ(fitting(to({"a@x", "b@y", "c@z"}), {}), 3U);
}

TEST(Fitting, Keeps_to_the_recipients_and_domains_a_server_takes) {
  smtp::ServerLimits limits;
  limits.recipients = 2;
  EXPECT_EQ(fitting(to({"a@x", "b@y", "c@z"}), limits), 2U);
  EXPECT_EQ(fitting(to({"a@x"}), limits), 1U);

  limits.recipients = 10;
  limits.recipient_domains = 1;
  EXPECT_EQ(fitting(to({"a@x", "b@X", "c@y"}), limits), 2U);
  EXPECT_EQ(fitting(to({"a@x", "b@y", "c@x"}), limits), 1U);
}

TEST(Open_envelope, Leaves_out_who_got_the_mail_was_refused_for_good_or_may_have_got_it) {
  auto delivery =
      delivery_to({"got", "refused", "later", "unknown", "line"},
                  {result("got", 0, 250), result("refused", 51, 550), result("later", 1, 450),
                   result("unknown", 61, 0), result("line", 31, 0)});
  EXPECT_EQ(open_envelope(delivery).recipients, (std::vector<std::string>{"later", "line"}));

  delivery.outcome.state = DeliveryState::unknown;  // and due: it is sent again

  EXPECT_EQ(open_envelope(delivery).recipients,
            (std::vector<std::string>{"later", "unknown", "line"}));
}

TEST(Together, Waits_while_somebody_waits) {
  const auto delivery = delivery_to({"a", "b"}, {});
  auto attempt = outcome(DeliveryState::queued, 1, {result("a", 0, 250), result("b", 1, 450)});
  attempt.next_attempt_at = Instant(Duration(5));

  const auto all = together(delivery, attempt);

  EXPECT_EQ(all.state, DeliveryState::queued);
  EXPECT_EQ(all.next_attempt_at, Instant(Duration(5)));
  ASSERT_EQ(all.recipients.size(), 2U);
}

TEST(Together, Is_sent_when_the_last_one_got_it) {
  const auto delivery = delivery_to({"a", "b"}, {result("a", 0, 250), result("b", 1, 450)});

  const auto all = together(delivery, outcome(DeliveryState::sent, 0, {result("b", 0, 250)}));

  EXPECT_EQ(all.state, DeliveryState::sent);
  EXPECT_EQ(all.result_code, 0);
  EXPECT_EQ(all.recipients[0].address, "a");
  EXPECT_EQ(all.recipients[1].result_code, 0);
}

TEST(Together, Is_partly_sent_when_the_last_one_is_refused_or_out_of_time) {
  const auto delivery = delivery_to({"a", "b"}, {result("a", 0, 250), result("b", 1, 450)});
  for (const int code : {51, 54}) {
    auto attempt = outcome(DeliveryState::failed, code, {result("b", code, 450)});
    attempt.retryable = true;

    const auto all = together(delivery, attempt);

    EXPECT_EQ(all.state, DeliveryState::sent);
    EXPECT_EQ(all.result_code, 52);
    EXPECT_FALSE(all.retryable);
    EXPECT_EQ(all.recipients[1].result_code, code);
  }
}

TEST(Together, Has_failed_when_nobody_got_it) {
  const auto delivery = delivery_to({"a", "b"}, {result("a", 51, 550), result("b", 1, 450)});
  const auto all = together(delivery, outcome(DeliveryState::failed, 54, {result("b", 54, 450)}));
  EXPECT_EQ(all.state, DeliveryState::failed);
  EXPECT_EQ(all.result_code, 54);
}

TEST(Together, Is_unknown_at_last_where_somebody_may_have_got_it) {
  const auto delivery = delivery_to({"a", "b"}, {result("a", 61, 0), result("b", 1, 450)});
  for (const int code : {0, 54}) {
    const auto state = code == 0 ? DeliveryState::sent : DeliveryState::failed;

    const auto all = together(delivery, outcome(state, code, {result("b", code, 250)}));

    EXPECT_EQ(all.state, DeliveryState::unknown);
    EXPECT_EQ(all.result_code, 61);
    EXPECT_FALSE(all.next_attempt_at);
    EXPECT_EQ(all.recipients[1].result_code, code);
  }
}

TEST(Together, Keeps_what_is_settled_through_an_unknown_outcome) {
  const auto delivery = delivery_to({"a", "b"}, {result("a", 0, 250), result("b", 1, 450)});
  const auto all = together(delivery, outcome(DeliveryState::unknown, 61, {result("b", 61, 0)}));
  EXPECT_EQ(all.state, DeliveryState::unknown);
  EXPECT_EQ(all.recipients[0].result_code, 0);
  EXPECT_EQ(all.recipients[1].result_code, 61);
}

}  // namespace
}  // namespace postern::flows
