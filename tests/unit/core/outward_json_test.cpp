// What the API shows of deliveries, hand-overs, events and result codes.
#include "core/delivery.hpp"
#include "core/event.hpp"
#include "core/result_codes.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <set>

namespace postern {
namespace {

Delivery sent_delivery() {
  Delivery delivery;
  delivery.id = DeliveryId{1};
  delivery.integration = IntegrationId{2};
  delivery.envelope = {"from@example.com", {"a@example.com", "b@example.com"}};
  delivery.message_id = "<1@example.com>";
  delivery.attempts = 1;
  delivery.outcome.state = DeliveryState::sent;
  delivery.outcome.result_code = 52;
  delivery.outcome.result_message = "250 2.0.0 Ok";
  delivery.outcome.smtp_code = 250;
  delivery.outcome.enhanced_code = "2.0.0";
  delivery.outcome.recipients = {{"a@example.com", 0, 250, "2.1.5", "Ok"}};
  return delivery;
}

TEST(DeliveryJson, Has_the_fields_of_the_contract) {
  const auto json = to_json(sent_delivery());

  for (const char* name :
       {"id", "message_id", "state", "success", "partial", "result_code", "result_message",
        "smtp_code", "enhanced_code", "retryable", "attempts", "next_attempt_at", "integration",
        "per_recipient", "possibly_duplicated", "notes"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
  EXPECT_EQ(json.at("state"), "sent");
  EXPECT_EQ(json.at("success"), true);
  EXPECT_EQ(json.at("partial"), true);
  EXPECT_EQ(json.at("next_attempt_at"), nullptr);
}

TEST(DeliveryJson, Lists_recipients_without_a_result_as_queued) {
  const auto json = to_json(sent_delivery());

  const auto& recipients = json.at("per_recipient").as_array();
  ASSERT_EQ(recipients.size(), 2u);
  EXPECT_EQ(recipients[0].at("result_code"), 0);
  EXPECT_EQ(recipients[1].at("address"), "b@example.com");
  EXPECT_EQ(recipients[1].at("result_code"), 1);
  EXPECT_EQ(recipients[1].at("smtp_code"), nullptr);
}

TEST(DeliveryJson, A_new_one_is_queued_and_a_success) {
  Delivery delivery;
  delivery.outcome.next_attempt_at = from_milliseconds(0);

  const auto json = to_json(delivery);

  EXPECT_EQ(json.at("success"), true);
  EXPECT_EQ(json.at("result_code"), 1);
  EXPECT_EQ(json.at("result_message"), "The mail is queued");
  EXPECT_EQ(json.at("smtp_code"), nullptr);
  EXPECT_EQ(json.at("next_attempt_at"), "1970-01-01T00:00:00.000Z");
}

TEST(DeliveryStates, Words_go_both_ways) {
  for (const char* word : {"queued", "sending", "sent", "failed", "unknown", "held", "cancelled"}) {
    ASSERT_TRUE(parse_delivery_state(word)) << word;
    EXPECT_EQ(to_string(*parse_delivery_state(word)), word);
  }
  EXPECT_FALSE(parse_delivery_state("Sent"));
}

TEST(HandoverStates, Words_go_both_ways) {
  for (const char* word : {"waiting", "acknowledged", "parked", "cancelled"}) {
    ASSERT_TRUE(parse_handover_state(word)) << word;
    EXPECT_EQ(to_string(*parse_handover_state(word)), word);
  }
  EXPECT_FALSE(parse_handover_state(""));
}

TEST(EventJson, Leaves_null_what_it_does_not_tell) {
  Event event;
  event.id = EventId{3};
  event.kind = "message.received";
  event.at = from_milliseconds(1);

  const auto json = to_json(event, "");

  for (const char* name : {"integration", "server", "port", "login", "security", "hint"}) {
    EXPECT_TRUE(json.at(name).is_null()) << name;
  }
  EXPECT_EQ(json.at("message"), "");
  EXPECT_TRUE(json.at("data").is_object());
}

TEST(EventJson, Tells_of_which_integration_and_server) {
  Event event;
  event.id = EventId{3};
  event.integration = IntegrationId{5};
  event.server = "imap.example.com";
  event.port = 993;

  const auto json = to_json(event, "Support");

  EXPECT_EQ(json.at("integration").at("name"), "Support");
  EXPECT_EQ(json.at("integration").at("id"), boost::json::string(IntegrationId{5}.str()));
  EXPECT_EQ(json.at("port"), 993);
}

TEST(ResultCodes, Each_has_a_sentence_of_its_own) {
  std::set<std::string_view> sentences;
  int known = 0;
  for (int code = 0; code <= 99; ++code) {
    const auto sentence = describe(static_cast<ResultCode>(code));
    if (sentence == "An unknown result") continue;
    ++known;
    EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
  }
  EXPECT_EQ(known, 34);
}

TEST(ResultCodes, Only_the_contracts_are_retryable) {
  const std::set<int> expected = {30, 31, 32, 33, 34, 35, 36, 40, 41, 42, 43, 54, 55};
  for (int code = 0; code <= 99; ++code) {
    EXPECT_EQ(retryable(static_cast<ResultCode>(code)), expected.contains(code)) << code;
  }
}

}  // namespace
}  // namespace postern
