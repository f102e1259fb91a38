// Stories of mail to be sent: from the promise to the server's 250, and what goes wrong between.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

int code(const Delivery& delivery) {
  return delivery.outcome.result_code;
}

TEST(Outgoing, Sends_what_it_promised_once) {
  Stage stage(1);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& call = stage.send(account, {"one@else.test", "two@else.test"});
  stage.run_for(10s);

  ASSERT_TRUE(call.promised);
  const auto delivery = stage.delivery(call);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
  EXPECT_EQ(code(delivery), 0);
  ASSERT_EQ(account.smtp->taken().size(), 1U);
  const auto& mail = account.smtp->taken().front();
  EXPECT_EQ(mail.recipients, (std::vector<std::string>{"one@else.test", "two@else.test"}));
  EXPECT_EQ(mail.message_id, delivery.message_id);
  EXPECT_NE(mail.bytes.find("\r\n.\r\nit works again."), std::string::npos);
  stage.stop();
}

TEST(Outgoing, Answers_a_repeated_key_with_the_first_delivery) {
  Stage stage(2);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(1s);
  stage.repeat(call);
  stage.run_for(1h);
  stage.repeat(call);
  stage.run_for(1h);

  EXPECT_EQ(call.answers, 3);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Outgoing, Uses_at_most_its_connections_for_a_burst) {
  Stage stage(3);
  auto& account = stage.add_account("anna");
  account.smtp->manners.thinks = 2s;
  stage.start();

  for (int i = 0; i < 40; ++i) stage.send(account, {"one@else.test"});
  stage.run_for(2min);

  EXPECT_EQ(account.smtp->taken().size(), 40U);
  EXPECT_EQ(stage.gateway->env().open_max(account.smtp->host()), 2U);
  EXPECT_EQ(stage.world.connection_count(account.smtp->host()), 2U);
  stage.stop();
}

TEST(Outgoing, Tells_of_each_recipient_what_the_server_said) {
  Stage stage(4);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& mixed = stage.send(account, {"one@else.test", "refused@else.test"});
  auto& none = stage.send(account, {"refused@else.test", "refused2@else.test"});
  stage.run_for(1min);

  const auto partial = stage.delivery(mixed);
  EXPECT_EQ(partial.outcome.state, DeliveryState::sent);
  EXPECT_EQ(code(partial), 52);
  ASSERT_EQ(partial.outcome.recipients.size(), 2U);
  EXPECT_EQ(partial.outcome.recipients[1].smtp_code, 550);
  const auto failed = stage.delivery(none);
  EXPECT_EQ(failed.outcome.state, DeliveryState::failed);
  EXPECT_EQ(code(failed), 51);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  EXPECT_EQ(stage.status(account).outgoing_state, DirectionState::ok);
  stage.stop();
}

TEST(Outgoing, Tries_a_mail_again_that_was_refused_for_now) {
  Stage stage(5);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_for_now = 1;
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(5min);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::queued);

  account.smtp->manners.refuses_for_now = 0;
  stage.run_for(1h);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Outgoing, Sends_again_only_to_whom_was_refused_for_now) {
  Stage stage(16);
  auto& account = stage.add_account("anna");
  stage.start();
  auto& call = stage.send(account, {"one@else.test", "later@else.test", "refused@else.test"});
  stage.run_for(1min);
  const auto waiting = stage.delivery(call);
  EXPECT_EQ(waiting.outcome.state, DeliveryState::queued);
  EXPECT_EQ(waiting.outcome.smtp_code, 450);
  ASSERT_EQ(waiting.outcome.recipients.size(), 3U);
  EXPECT_EQ(waiting.outcome.recipients[0].result_code, 0);
  EXPECT_EQ(waiting.outcome.recipients[1].result_code, 1);
  EXPECT_EQ(waiting.outcome.recipients[2].result_code, 51);

  account.smtp->manners.keeps_later = false;
  stage.run_for(1h);

  const auto sent = stage.delivery(call);
  EXPECT_EQ(sent.outcome.state, DeliveryState::sent);
  EXPECT_EQ(code(sent), 52);
  EXPECT_EQ(sent.outcome.recipients[1].result_code, 0);
  ASSERT_EQ(account.smtp->taken().size(), 2U);
  EXPECT_EQ(account.smtp->taken()[0].recipients, std::vector<std::string>{"one@else.test"});
  EXPECT_EQ(account.smtp->taken()[1].recipients, std::vector<std::string>{"later@else.test"});
  EXPECT_EQ(stage.status(account).outgoing_state, DirectionState::ok);
  stage.stop();
}

TEST(Outgoing, Keeps_the_mail_of_an_account_whose_quota_is_used_up) {
  Stage stage(17);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_content =
      "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed";
  stage.start();
  auto& first = stage.send(account, {"one@else.test"});
  auto& second = stage.send(account, {"two@else.test"});
  stage.run_for(30min);
  EXPECT_EQ(stage.delivery(first).outcome.state, DeliveryState::queued);
  EXPECT_EQ(stage.delivery(second).outcome.state, DeliveryState::queued);
  EXPECT_LE(stage.world.connection_count(account.smtp->host()), 2U);

  account.smtp->manners.refuses_content.clear();
  stage.run_for(5h);

  EXPECT_EQ(stage.delivery(first).outcome.state, DeliveryState::sent);
  EXPECT_EQ(stage.delivery(second).outcome.state, DeliveryState::sent);
  EXPECT_EQ(account.smtp->taken().size(), 2U);
  stage.stop();
}

TEST(Outgoing, Obeys_the_wait_it_is_asked_for) {
  Stage stage(18);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_sender = "451 4.7.0 too fast, try again in 40 minutes";
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(39min);
  EXPECT_EQ(stage.world.connection_count(account.smtp->host()), 1U);

  account.smtp->manners.refuses_sender.clear();
  stage.run_for(5min);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  stage.stop();
}

TEST(Outgoing, Sends_no_faster_than_the_integration_may) {
  Stage stage(19);
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.outgoing.messages_per_minute = 10; });
  stage.start();
  for (int i = 0; i < 45; ++i) stage.send(account, {"one@else.test"});

  stage.run_for(4min + 30s);

  const auto& taken = account.smtp->taken();
  ASSERT_EQ(taken.size(), 45U);
  for (std::size_t i = 10; i < taken.size(); ++i) {
    EXPECT_GE(taken[i].at - taken[i - 10].at, 59s) << i;
  }
  stage.stop();
}

TEST(Outgoing, Gives_up_after_five_days_and_says_so) {
  Stage stage(6);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& call = stage.send(account, {"later@else.test"});
  stage.run_for(24h * 4);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::queued);
  stage.run_for(24h * 2);

  const auto delivery = stage.delivery(call);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::failed);
  EXPECT_EQ(code(delivery), 54);
  EXPECT_EQ(stage.events("smtp.final_delivery_failed").size(), 1U);
  stage.stop();
}

TEST(Outgoing, Resends_an_unknown_outcome_after_five_minutes_with_the_same_message_id) {
  Stage stage(7);
  auto& account = stage.add_account("anna");
  account.smtp->manners.cut_after_taking = 1;
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(1min);
  const auto unknown = stage.delivery(call);
  EXPECT_EQ(unknown.outcome.state, DeliveryState::unknown);
  EXPECT_EQ(code(unknown), 61);
  EXPECT_TRUE(unknown.outcome.next_attempt_at);

  account.smtp->manners.cut_after_taking = 0;
  stage.run_for(30min);

  const auto sent = stage.delivery(call);
  EXPECT_EQ(sent.outcome.state, DeliveryState::sent);
  EXPECT_TRUE(sent.possibly_duplicated);
  ASSERT_EQ(account.smtp->taken().size(), 2U);
  const auto& taken = account.smtp->taken();
  EXPECT_EQ(taken[0].message_id, taken[1].message_id);
  EXPECT_GE(taken[1].at - taken[0].at, 5min);
  stage.stop();
}

TEST(Outgoing, Leaves_an_outcome_unknown_after_three_tries) {
  Stage stage(8);
  auto& account = stage.add_account("anna");
  account.smtp->manners.cut_after_taking = 1;
  stage.start();

  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(24h);

  const auto delivery = stage.delivery(call);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::unknown);
  EXPECT_FALSE(delivery.outcome.next_attempt_at);
  EXPECT_EQ(account.smtp->taken().size(), 3U);
  stage.stop();
}

TEST(Outgoing, Never_resends_an_unknown_outcome_under_report) {
  Stage stage(9);
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.outgoing.on_unknown = OnUnknown::report; });
  account.smtp->manners.cut_after_taking = 1;
  stage.start();

  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(24h);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::unknown);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Outgoing, Waits_ten_minutes_for_the_answer_to_the_final_dot) {
  Stage stage(10);
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.outgoing.on_unknown = OnUnknown::report; });
  account.smtp->manners.thinks = 9min;
  stage.start();
  auto& patient = stage.send(account, {"one@else.test"});
  stage.run_for(10min);
  EXPECT_EQ(stage.delivery(patient).outcome.state, DeliveryState::sent);

  account.smtp->manners.thinks = 11min;
  auto& late = stage.send(account, {"one@else.test"});
  stage.run_for(10min + 5s);

  EXPECT_EQ(stage.delivery(late).outcome.state, DeliveryState::unknown);
  stage.stop();
}

TEST(Outgoing, Ends_a_sync_call_in_its_time_before_data_with_60_and_after_it_with_61) {
  Stage stage(11);
  auto& account = stage.add_account("anna");
  stage.start();
  stage.world.silence(account.smtp->host());
  auto& before = stage.send(account, {"one@else.test"}, true, 20s);
  stage.run_for(21s);
  ASSERT_TRUE(before.answered);
  EXPECT_EQ(before.answered->outcome.state, DeliveryState::failed);
  EXPECT_EQ(code(*before.answered), 60);

  account.smtp->serve();
  account.smtp->manners.thinks = 1min;
  auto& after = stage.send(account, {"one@else.test"}, true, 20s);
  stage.run_for(21s);
  ASSERT_TRUE(after.answered);
  EXPECT_EQ(after.answered->outcome.state, DeliveryState::unknown);
  EXPECT_EQ(code(*after.answered), 61);
  EXPECT_FALSE(after.answered->outcome.next_attempt_at);

  stage.run_for(24h);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Outgoing, Sends_a_sync_call_and_answers_with_its_end) {
  Stage stage(12);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& good = stage.send(account, {"one@else.test"}, true);
  auto& bad = stage.send(account, {"refused@else.test"}, true);
  stage.run_for(10s);

  ASSERT_TRUE(good.answered && bad.answered);
  EXPECT_EQ(good.answered->outcome.state, DeliveryState::sent);
  EXPECT_EQ(code(*bad.answered), 51);
  stage.stop();
}

TEST(Outgoing, Recovers_after_a_crash_in_the_middle_of_a_send) {
  Stage stage(13);
  auto& account = stage.add_account("anna");
  account.smtp->manners.thinks = 1min;
  stage.start();
  auto& queued = stage.send(account, {"one@else.test"});
  auto& sync = stage.send(account, {"two@else.test"}, true, 5min);
  stage.run_until([&] { return queued.promised.has_value(); }, 1min);
  stage.run_for(10s);

  stage.restart();
  EXPECT_TRUE(stage.delivery(queued).possibly_duplicated);
  stage.repeat(sync);
  stage.run_for(1h);

  EXPECT_EQ(stage.delivery(queued).outcome.state, DeliveryState::sent);
  ASSERT_TRUE(sync.promised);
  EXPECT_EQ(stage.delivery(sync).outcome.state, DeliveryState::unknown);
  EXPECT_EQ(code(stage.delivery(sync)), 61);
  stage.stop();
}

TEST(Outgoing, Goes_on_when_the_settings_change_in_the_middle_of_a_send) {
  Stage stage(14);
  auto& account = stage.add_account("anna");
  account.smtp->manners.thinks = 1min;
  stage.start();
  auto& queued = stage.send(account, {"one@else.test"});
  stage.run_for(10s);
  ASSERT_EQ(stage.delivery(queued).outcome.state, DeliveryState::sending);

  stage.set_enabled(account, true);
  stage.run_for(1h);

  const auto delivery = stage.delivery(queued);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
  EXPECT_TRUE(delivery.possibly_duplicated || account.smtp->taken().size() == 1);
  stage.stop();
}

TEST(Outgoing, Waits_until_the_time_it_was_told) {
  Stage stage(15);
  auto& account = stage.add_account("anna");
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});
  call.request.not_before = stage.world.now() + 3h;

  stage.run_for(2h);
  EXPECT_TRUE(account.smtp->taken().empty());
  stage.run_for(2h);

  ASSERT_EQ(account.smtp->taken().size(), 1U);
  EXPECT_GE(account.smtp->taken().front().at, 3h);
  EXPECT_LE(account.smtp->taken().front().at, 3h + 1min);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
