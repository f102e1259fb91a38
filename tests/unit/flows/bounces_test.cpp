#include "flows/bounces.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

Delivery delivery() {
  Delivery made;
  made.id = DeliveryId{7};
  made.integration = IntegrationId{1};
  made.message_id = "<m@x.test>";
  made.envelope.sender = "sales@example.test";
  made.envelope.recipients = {"a@x.test", "b@xn--bcher-kva.test"};
  return made;
}

BounceSummary bounce(std::string address, std::string action) {
  BounceSummary made;
  BouncedRecipient recipient;
  recipient.address = std::move(address);
  recipient.action = std::move(action);
  recipient.status = "5.1.1";
  recipient.diagnostic = "550 5.1.1 gone";
  made.recipients.push_back(std::move(recipient));
  return made;
}

TEST(Bounces, Tell_of_what_their_own_integration_sent) {
  EXPECT_TRUE(may_tell_of(delivery(), IntegrationId{1}, {}));
  EXPECT_FALSE(may_tell_of(delivery(), IntegrationId{2}, {}));
}

TEST(Bounces, Tell_of_what_was_sent_from_the_address_they_went_to) {
  MessageSummary seen;
  seen.to.push_back({"", "SALES@example.test"});
  EXPECT_TRUE(may_tell_of(delivery(), IntegrationId{2}, seen));
  seen.to = {{"", "other@example.test"}};
  EXPECT_FALSE(may_tell_of(delivery(), IntegrationId{2}, seen));
  seen.envelope_recipients = {"sales@example.test"};
  EXPECT_TRUE(may_tell_of(delivery(), IntegrationId{2}, seen));
}

TEST(Bounces, Mark_the_recipient_with_the_words_of_the_server_and_one_event) {
  const auto marks =
      marks_of(delivery(), bounce("A@X.test", "failed"), MessageId{3}, Instant(Duration(5)));

  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].result.address, "a@x.test");
  EXPECT_EQ(marks[0].result.result_code, 51);
  EXPECT_EQ(marks[0].result.smtp_code, 550);
  EXPECT_EQ(marks[0].result.enhanced_code, "5.1.1");
  EXPECT_EQ(marks[0].result.bounced_at, Instant(Duration(5)));
  EXPECT_EQ(marks[0].event.kind, "message.bounced");
  EXPECT_EQ(marks[0].event.integration, IntegrationId{1});
  EXPECT_EQ(marks[0].event.data.at("delivery").as_string(), delivery().id.str());
  EXPECT_EQ(marks[0].event.data.at("recipient").as_string(), "a@x.test");
}

TEST(Bounces, Know_an_international_domain_in_either_form) {
  const auto marks = marks_of(delivery(), bounce("b@bücher.test", "failed"), {}, {});
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].result.address, "b@xn--bcher-kva.test");
}

TEST(Bounces, Mark_nobody_who_is_late_or_was_never_written_to) {
  EXPECT_TRUE(marks_of(delivery(), bounce("a@x.test", "delayed"), {}, {}).empty());
  EXPECT_TRUE(marks_of(delivery(), bounce("stranger@x.test", "failed"), {}, {}).empty());
}

}  // namespace
}  // namespace postern::flows
