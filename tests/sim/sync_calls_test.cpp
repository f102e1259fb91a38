// Stories of mail that somebody waits for: its turn beside the queue, and its time.
#include "net/hashing.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

int code(const Delivery& delivery) {
  return delivery.outcome.result_code;
}

TEST(Sync_calls, Keep_within_the_connections_beside_the_queue) {
  Stage stage(31);
  auto& account = stage.add_account("anna");
  account.smtp->manners.thinks = 2s;
  stage.start();

  std::vector<Call*> calls;
  for (int i = 0; i < 10; ++i) stage.send(account, {"one@else.test"});
  stage.run_for(1s);
  for (int i = 0; i < 6; ++i) {
    calls.push_back(&stage.send(account, {"two@else.test"}, true, 1min));
  }
  stage.run_for(2min);

  for (const auto* call : calls) {
    ASSERT_TRUE(call->answered);
    EXPECT_EQ(code(*call->answered), 0) << call->answered->outcome.result_message;
  }
  EXPECT_EQ(account.smtp->taken().size(), 16U);
  EXPECT_EQ(stage.gateway->env().open_max(account.smtp->host()), 2U);
  stage.stop();
}

TEST(Sync_calls, Get_the_only_connection_between_two_mails_of_the_queue) {
  Stage stage(32);
  auto& account = stage.add_account(
      "anna", [](Integration& integration) { integration.outgoing.connections_max = 1; });
  account.smtp->manners.thinks = 2s;
  stage.start();

  for (int i = 0; i < 20; ++i) stage.send(account, {"one@else.test"});
  stage.run_for(5s);
  auto& call = stage.send(account, {"two@else.test"}, true, 20s);
  stage.run_for(20s);

  ASSERT_TRUE(call.answered);
  EXPECT_EQ(code(*call.answered), 0) << call.answered->outcome.result_message;
  stage.run_for(2min);
  EXPECT_EQ(account.smtp->taken().size(), 21U);
  EXPECT_EQ(stage.gateway->env().open_max(account.smtp->host()), 1U);
  stage.stop();
}

TEST(Sync_calls, Go_no_faster_than_the_integration_may) {
  Stage stage(33);
  auto& account = stage.add_account(
      "anna", [](Integration& integration) { integration.outgoing.messages_per_minute = 2; });
  stage.start();

  for (int i = 0; i < 2; ++i) stage.send(account, {"one@else.test"}, true);
  stage.run_for(5s);
  auto& in_haste = stage.send(account, {"one@else.test"}, true, 20s);
  auto& patient = stage.send(account, {"one@else.test"}, true, 2min);
  stage.run_for(30s);
  ASSERT_TRUE(in_haste.answered);
  EXPECT_EQ(code(*in_haste.answered), 60);
  EXPECT_FALSE(patient.answered);
  stage.run_for(1min);

  ASSERT_TRUE(patient.answered);
  EXPECT_EQ(code(*patient.answered), 0);
  EXPECT_EQ(account.smtp->taken().size(), 3U);
  stage.stop();
}

TEST(Sync_calls, Have_the_integrations_time_where_they_name_none) {
  Stage stage(13);
  auto& account = stage.add_account(
      "anna", [](Integration& integration) { integration.outgoing.timeout = 5s; });
  stage.start();
  stage.world.silence(account.smtp->host());

  auto& call = stage.send(account, {"one@else.test"}, true, std::nullopt);
  stage.run_for(6s);

  ASSERT_TRUE(call.answered);
  EXPECT_EQ(code(*call.answered), 60);
  stage.stop();
}

TEST(Sync_calls, Refused_after_they_were_stored_have_an_answer_for_their_key) {
  Stage stage(37);
  auto& account = stage.add_account("anna");
  stage.start();
  // One that the store knows, and whose flow does not run yet.
  IntegrationDraft draft;
  draft.value = stage.gateway->ask(stage.gateway->store().integrations().get(account.id)).value;
  draft.value.id = {};
  draft.value.name = "bert";
  draft.outgoing_password = Secret(account.password);
  stage.gateway->ask(
      stage.gateway->store().integrations().create(std::move(draft), "story", stage.world.now()));
  Account bert;
  bert.name = "bert";
  auto& call = stage.send(bert, {"two@else.test"}, true);
  stage.run_for(1s);
  ASSERT_TRUE(call.answered);
  EXPECT_EQ(call.answered->outcome.state, DeliveryState::failed);
  EXPECT_EQ(code(*call.answered), 20);
  const auto first = call.answered->id;

  stage.repeat(call);
  stage.run_for(1s);
  EXPECT_FALSE(call.refused);
  EXPECT_EQ(call.answers, 2);
  EXPECT_EQ(call.answered->id, first);
  EXPECT_EQ(code(*call.answered), 20);
  EXPECT_TRUE(account.smtp->taken().empty());
  stage.stop();
}

TEST(Sync_calls, Left_behind_by_their_caller_have_an_answer_when_nobody_can_wait_any_more) {
  Stage stage(38);
  auto& account = stage.add_account("anna");
  stage.start();
  Call call;
  call.key = "left";
  call.request.integration = account.name;
  call.request.sync = true;
  MailAddress recipient;
  recipient.address = "two@else.test";
  call.request.to.push_back(recipient);
  storage::NewDelivery fresh;
  fresh.integration = account.id;
  fresh.envelope.sender = "anna@example.test";
  fresh.envelope.recipients = {"two@else.test"};
  fresh.bytes = "Subject: x\r\n\r\n";
  fresh.message_id = "<left@example.test>";
  fresh.sync = true;
  fresh.at = fresh.due = stage.world.now();
  storage::IdempotencyKey key;
  key.scope = "story";
  key.key = call.key;
  key.body_sha256 = net::sha256(call.request.subject);
  fresh.idempotency = std::move(key);
  stage.gateway->ask(stage.gateway->store().deliveries().create(std::move(fresh)));

  stage.repeat(call);
  stage.run_for(1s);
  ASSERT_TRUE(call.refused);
  EXPECT_TRUE(call.refused->key_running);

  stage.run_for(17min);
  stage.repeat(call);
  stage.run_for(1s);
  ASSERT_TRUE(call.answered);
  EXPECT_EQ(call.answered->outcome.state, DeliveryState::failed);
  EXPECT_EQ(code(*call.answered), 60);
  EXPECT_TRUE(account.smtp->taken().empty());
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
