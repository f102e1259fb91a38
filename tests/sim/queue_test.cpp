// Stories of the queue: who goes first, who waits for whom, when it is tried again, and what people
// do with what waits.
#include "sim/stage.hpp"
#include "storage/delivery_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::vector<Instant> attempts_of(Stage& stage, const Call& call) {
  std::vector<Instant> times;
  const auto all = stage.world.run(stage.gateway->store().deliveries().attempts(*call.promised));
  for (const auto& attempt : all.value()) times.push_back(attempt.began_at);
  return times;
}

TEST(Queue, Of_one_integration_delays_no_other) {
  Stage stage(61);
  auto& busy = stage.add_account("busy");
  auto& calm = stage.add_account("calm");
  busy.smtp->manners.thinks = 30s;
  stage.start();
  for (int i = 0; i < 200; ++i) stage.send(busy, {"one@else.test"});
  stage.run_for(1min);
  ASSERT_LT(busy.smtp->taken().size(), 10U);

  auto& call = stage.send(calm, {"one@else.test"});
  stage.run_for(2s);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  stage.stop();
}

TEST(Queue, Sends_the_urgent_first_and_the_oldest_of_a_kind) {
  Stage stage(62);
  auto& account =
      stage.add_account("anna", [](Integration& value) { value.outgoing.connections_max = 1; });
  stage.world.refuse(account.smtp->host());
  stage.start();
  const auto add = [&](const std::string& to, Priority priority) {
    auto& call = stage.send(account, {to});
    call.request.priority = priority;
    stage.run_for(100ms);
  };
  add("low1@else.test", Priority::low);
  add("normal1@else.test", Priority::normal);
  add("low2@else.test", Priority::low);
  add("high1@else.test", Priority::high);
  add("normal2@else.test", Priority::normal);
  add("high2@else.test", Priority::high);

  account.smtp->serve();
  stage.run_for(2h);

  std::vector<std::string> order;
  for (const auto& mail : account.smtp->taken()) order.push_back(mail.recipients.front());
  ASSERT_EQ(order.size(), 6U);
  const auto place = [&](const char* name) {
    return std::ranges::find(order, std::string(name) + "@else.test") - order.begin();
  };
  EXPECT_LT(place("high2"), place("normal2"));
  EXPECT_LT(place("normal2"), place("low2"));
  stage.stop();
}

TEST(Queue, Tries_again_after_a_minute_and_ever_later_up_to_four_hours) {
  Stage stage(63);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& call = stage.send(account, {"later@else.test"});
  stage.run_for(24h);

  const auto times = attempts_of(stage, call);
  const std::vector<Duration> expected{1min, 2min, 5min, 15min, 1h, 4h, 4h, 4h};
  ASSERT_GT(times.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto pause = times[i + 1] - times[i];
    EXPECT_GE(pause, expected[i]) << i;
    EXPECT_LE(pause, expected[i] * 13 / 10 + 1s) << i;
  }
  stage.stop();
}

TEST(Queue, Tries_again_when_the_configuration_says) {
  Stage stage(64);
  flows::FlowOptions options;
  options.outgoing_retry = {10s, 20s};
  options.outgoing_for = 100s;
  stage.set_options(options);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& call = stage.send(account, {"later@else.test"});
  stage.run_for(5min);

  EXPECT_EQ(stage.delivery(call).outcome.result_code, 54);
  const auto times = attempts_of(stage, call);
  ASSERT_GE(times.size(), 4U);
  EXPECT_GE(times[1] - times[0], 10s);
  EXPECT_LE(times[1] - times[0], 13s);
  EXPECT_GE(times[2] - times[1], 20s);
  EXPECT_LE(times.back() - times.front(), 105s);  // with its jitter
  stage.stop();
}

TEST(Queue, Keeps_all_mail_while_the_login_is_refused_and_tries_slowly) {
  Stage stage(65);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_login = true;
  stage.start();
  std::vector<Call*> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(&stage.send(account, {"one@else.test"}));
  stage.run_for(20min);
  for (const auto* call : calls) {
    EXPECT_EQ(stage.delivery(*call).outcome.state, DeliveryState::queued);
  }
  EXPECT_LE(stage.world.connection_count(account.smtp->host()), 10U);
  EXPECT_FALSE(stage.events("smtp.login_failed").empty());

  account.smtp->manners.refuses_login = false;
  stage.set_enabled(account, true);
  stage.run_for(6h);

  EXPECT_EQ(account.smtp->taken().size(), 20U);
  stage.stop();
}

TEST(Queue, Lets_people_hold_a_mail_give_it_other_recipients_and_let_it_go) {
  Stage stage(66);
  auto& account = stage.add_account("anna");
  stage.start();
  auto& call = stage.send(account, {"one@else.test", "later@else.test"});
  stage.run_for(10s);
  auto& deliveries = stage.gateway->store().deliveries();
  ASSERT_TRUE(stage.world.run(deliveries.hold(*call.promised, stage.world.now())));
  stage.run_for(24h);
  EXPECT_EQ(account.smtp->taken().size(), 1U);

  ASSERT_TRUE(stage.world.run(
      deliveries.set_recipients(*call.promised, {"one@else.test", "two@else.test"})));
  ASSERT_TRUE(stage.world.run(deliveries.release(*call.promised, stage.world.now())));
  stage.gateway->hub().act_now(account.id);
  stage.run_for(10s);

  EXPECT_EQ(stage.delivery(call).outcome.result_code, 0);
  ASSERT_EQ(account.smtp->taken().size(), 2U);
  EXPECT_EQ(account.smtp->taken()[1].recipients, std::vector<std::string>{"two@else.test"});
  stage.stop();
}

TEST(Queue, Tries_at_once_what_a_person_wants_tried_and_never_what_was_cancelled) {
  Stage stage(67);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_for_now = 1;
  stage.start();
  auto& tried = stage.send(account, {"one@else.test"});
  auto& cancelled = stage.send(account, {"two@else.test"});
  stage.run_for(10min);
  account.smtp->manners.refuses_for_now = 0;
  auto& deliveries = stage.gateway->store().deliveries();

  ASSERT_TRUE(stage.world.run(deliveries.cancel(*cancelled.promised, stage.world.now())));
  ASSERT_TRUE(stage.world.run(deliveries.retry(*tried.promised, stage.world.now())));
  stage.gateway->hub().act_now(account.id);
  stage.run_for(5s);

  EXPECT_EQ(stage.delivery(tried).outcome.state, DeliveryState::sent);
  stage.run_for(24h);
  EXPECT_EQ(stage.delivery(cancelled).outcome.result_code, 62);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Queue, Is_searched_the_same_before_and_after_its_index_is_made) {
  Stage stage(68);
  auto& account = stage.add_account("anna");
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(1s);
  auto& deliveries = stage.gateway->store().deliveries();
  auto* index = storage::search_index_of(deliveries);
  storage::DeliveryFilter filter;
  filter.recipient = "ONE@else.test";
  EXPECT_EQ(stage.world.run(deliveries.list(filter, {})).value().items.size(), 1U);
  EXPECT_EQ(stage.world.run(index->unindexed(9)).value(), 1);

  stage.run_for(1min);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(stage.world.run(index->unindexed(9)).value(), 0);
  EXPECT_EQ(stage.world.run(deliveries.list(filter, {})).value().items.size(), 1U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
