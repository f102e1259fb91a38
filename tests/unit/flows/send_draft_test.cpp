// Who a mail may be from, whom it goes to, and where answers go.
#include "flows/send_draft.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

Integration support() {
  Integration integration;
  integration.name = "Support";
  integration.address = "support@bücher.example";
  integration.display_name = "Support Desk";
  integration.outgoing.enabled = true;
  integration.outgoing.auth.username = "login@example.com";
  integration.outgoing.from_addresses = {"Sales <sales@example.com>", "billing@example.com"};
  return integration;
}

MailAddress from(std::string address, std::string name = {}) {
  return {std::move(name), std::move(address)};
}

TEST(Send_draft, Allows_the_own_address_the_login_and_those_of_the_list) {
  EXPECT_EQ(allowed_from(support(), from("Support@xn--bcher-kva.example")),
            from("Support@xn--bcher-kva.example", "Support Desk"));
  EXPECT_EQ(allowed_from(support(), from("LOGIN@example.com")), from("LOGIN@example.com"));
  EXPECT_EQ(allowed_from(support(), from("sales@EXAMPLE.com")), from("sales@EXAMPLE.com", "Sales"));
  EXPECT_EQ(allowed_from(support(), from("sales@example.com", "Mine")),
            from("sales@example.com", "Mine"));
  EXPECT_EQ(allowed_from(support(), from("billing@example.com")), from("billing@example.com"));
  EXPECT_EQ(allowed_from(support(), from("other@example.com")), std::nullopt);
}

TEST(Send_draft, Sends_to_each_recipient_once_under_a_labels) {
  SendRequest request;
  request.to = {from("a@x.org"), from("B@Bücher.example", "Bee")};
  request.cc = {from("A@x.org"), from("c@x.org")};
  request.bcc = {from("c@X.org"), from("b@xn--bcher-kva.example"), from("d@x.org")};

  const auto envelope = envelope_of(support(), request);

  EXPECT_EQ(envelope.sender, "support@xn--bcher-kva.example");
  EXPECT_EQ(envelope.recipients,
            (std::vector<std::string>{"a@x.org", "B@xn--bcher-kva.example", "c@x.org", "d@x.org"}));
}

Draft draft_with(ReplyToMode mode, std::optional<std::string> fallback,
                 std::optional<MailAddress> asked) {
  Integration integration = support();
  integration.outgoing.reply_to_mode = mode;
  integration.outgoing.default_reply_to = std::move(fallback);
  SendRequest request;
  request.reply_to = std::move(asked);
  return draft_of(integration, request);
}

TEST(Send_draft, Answers_go_where_the_call_says_then_the_default_then_the_login) {
  constexpr auto none = ReplyToMode::none;
  constexpr auto reply_to = ReplyToMode::reply_to;
  const std::vector<MailAddress> nobody;
  EXPECT_EQ(draft_with(none, "d@x.org", {}).reply_to, nobody);
  EXPECT_EQ(draft_with(none, "d@x.org", from("c@x.org")).reply_to.at(0).address, "c@x.org");
  EXPECT_EQ(draft_with(reply_to, "d@x.org", from("c@x.org")).reply_to.at(0).address, "c@x.org");
  EXPECT_EQ(draft_with(reply_to, "d@x.org", {}).reply_to.at(0).address, "d@x.org");
  EXPECT_EQ(draft_with(reply_to, {}, {}).reply_to.at(0).address, "login@example.com");
  const Draft moved = draft_with(ReplyToMode::from, "d@x.org", {});
  EXPECT_EQ(moved.reply_to, nobody);
  EXPECT_EQ(moved.from.at(0), (MailAddress{"Support Desk", "d@x.org"}));
}

TEST(Send_draft, Takes_no_login_that_is_a_bare_name_for_an_address) {
  Integration integration = support();
  integration.outgoing.reply_to_mode = ReplyToMode::reply_to;
  integration.outgoing.auth.username = "DOMAIN\\user";
  SendRequest request;

  EXPECT_TRUE(draft_of(integration, request).reply_to.empty());
}

TEST(Send_draft, Says_the_priority_in_two_headers) {
  SendRequest request;
  EXPECT_TRUE(draft_of(support(), request).headers.empty());
  request.priority = Priority::high;
  const auto high = draft_of(support(), request).headers;
  request.priority = Priority::low;
  request.headers.clear();
  const auto low = draft_of(support(), request).headers;

  EXPECT_EQ(high, (std::vector<std::pair<std::string, std::string>>{{"X-Priority", "1"},
                                                                    {"Importance", "high"}}));
  EXPECT_EQ(low, (std::vector<std::pair<std::string, std::string>>{{"X-Priority", "5"},
                                                                   {"Importance", "low"}}));
}

TEST(Send_draft, Finds_an_integration_unfit_with_its_code) {
  storage::StoredIntegration stored;
  stored.value = support();
  EXPECT_FALSE(unfit(stored));
  stored.status.outgoing_state = DirectionState::disabled;
  EXPECT_EQ(unfit(stored)->code, ResultCode::integration_disabled);
  stored.value.outgoing.enabled = false;
  EXPECT_EQ(unfit(stored)->code, ResultCode::outgoing_off);
  stored.value.enabled = false;
  EXPECT_EQ(unfit(stored)->code, ResultCode::integration_disabled);
}

}  // namespace
}  // namespace postern::flows
