// Stories of mails that go to a server in groups of recipients (LIMITS), and of what is unknown
// after a cut: those who were never named to the server are tried again, whatever is done about the
// others.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;
using Codes = std::vector<int>;
using Names = std::vector<std::string>;

Codes codes(const Delivery& delivery) {
  Codes all;
  for (const auto& result : delivery.outcome.recipients) all.push_back(result.result_code);
  return all;
}

Account& in_twos(Stage& stage, OnUnknown on_unknown) {
  auto& account = stage.add_account(
      "anna", [=](Integration& value) { value.outgoing.on_unknown = on_unknown; });
  account.smtp->manners.recipients_max = 2;
  return account;
}

const Names four{"a@else.test", "refused@else.test", "c@else.test", "d@else.test"};

TEST(Groups, Are_tried_again_where_the_cut_came_before_them_under_report) {
  Stage stage(51);
  auto& account = in_twos(stage, OnUnknown::report);
  account.smtp->manners.cut_after_taking = 1;
  stage.start();
  auto& call = stage.send(account, four);
  stage.run_for(10s);
  const auto cut = stage.delivery(call);
  EXPECT_EQ(codes(cut), (Codes{61, 51, 1, 1}));
  EXPECT_EQ(cut.outcome.state, DeliveryState::queued);

  account.smtp->manners.cut_after_taking = 0;
  stage.run_for(24h);

  const auto ended = stage.delivery(call);
  EXPECT_EQ(codes(ended), (Codes{61, 51, 0, 0}));
  EXPECT_EQ(ended.outcome.state, DeliveryState::unknown);
  EXPECT_EQ(ended.outcome.result_code, 61);
  EXPECT_FALSE(ended.outcome.next_attempt_at);
  ASSERT_EQ(account.smtp->taken().size(), 2U);
  EXPECT_EQ(account.smtp->taken()[1].recipients, (Names{"c@else.test", "d@else.test"}));
  EXPECT_FALSE(ended.possibly_duplicated);

  // A person decides that it may come twice.
  auto& deliveries = stage.gateway->store().deliveries();
  static_cast<void>(stage.world.run(deliveries.retry(ended.id, stage.world.now())));
  stage.gateway->hub().act_now(account.id);
  stage.run_for(1min);
  EXPECT_EQ(stage.delivery(call).outcome.recipients[0].result_code, 0);
  EXPECT_TRUE(stage.delivery(call).possibly_duplicated);
  stage.stop();
}

TEST(Groups, Are_sent_with_the_ones_that_are_sent_again) {
  Stage stage(52);
  auto& account = in_twos(stage, OnUnknown::resend);
  account.smtp->manners.cut_after_taking = 1;
  stage.start();
  auto& call = stage.send(account, four);
  stage.run_for(10s);
  const auto cut = stage.delivery(call);
  EXPECT_EQ(codes(cut), (Codes{61, 51, 1, 1}));
  EXPECT_EQ(cut.outcome.state, DeliveryState::unknown);
  EXPECT_TRUE(cut.outcome.next_attempt_at);

  account.smtp->manners.cut_after_taking = 0;
  stage.run_for(10min);

  const auto sent = stage.delivery(call);
  EXPECT_EQ(codes(sent), (Codes{0, 51, 0, 0}));
  EXPECT_EQ(sent.outcome.state, DeliveryState::sent);
  EXPECT_TRUE(sent.possibly_duplicated);
  EXPECT_EQ(account.smtp->said().at("refused@else.test").size(), 1U);
  stage.stop();
}

TEST(Groups, Keep_what_an_earlier_one_was_told) {
  Stage stage(53);
  auto& account = in_twos(stage, OnUnknown::report);
  account.smtp->manners.thinks = 10s;
  stage.start();
  auto& call = stage.send(account, four);
  stage.run_for(15s);  // the first group is taken, the second waits for its answer
  account.smtp->manners.cut_after_taking = 1;
  stage.run_for(1min);

  EXPECT_EQ(codes(stage.delivery(call)), (Codes{0, 51, 61, 61}));
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::unknown);
  stage.run_for(24h);
  EXPECT_EQ(account.smtp->taken().size(), 2U);
  stage.stop();
}

TEST(Groups, Are_told_apart_in_a_sync_call) {
  Stage stage(54);
  auto& account = in_twos(stage, OnUnknown::resend);
  account.smtp->manners.cut_after_taking = 1;
  stage.start();

  auto& call = stage.send(account, four, true);
  stage.run_for(1min);

  ASSERT_TRUE(call.answered);
  EXPECT_EQ(codes(*call.answered), (Codes{61, 51, 31, 31}));
  EXPECT_EQ(call.answered->outcome.result_code, 61);
  stage.run_for(24h);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Groups, Held_and_released_go_to_whom_it_was_unknown_too) {
  Stage stage(55);
  auto& account = in_twos(stage, OnUnknown::resend);
  account.smtp->manners.cut_after_taking = 1;
  stage.start();
  auto& call = stage.send(account, {"a@else.test"});
  stage.run_for(10s);
  account.smtp->manners.cut_after_taking = 0;
  auto& deliveries = stage.gateway->store().deliveries();
  const auto now = stage.world.now();
  ASSERT_TRUE(stage.world.run(deliveries.hold(*call.promised, now)));
  stage.run_for(1h);
  EXPECT_EQ(account.smtp->taken().size(), 1U);

  ASSERT_TRUE(stage.world.run(deliveries.release(*call.promised, stage.world.now())));
  stage.gateway->hub().act_now(account.id);
  stage.run_for(1min);

  EXPECT_EQ(stage.delivery(call).outcome.result_code, 0);
  EXPECT_TRUE(stage.delivery(call).possibly_duplicated);
  EXPECT_EQ(account.smtp->taken().size(), 2U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
