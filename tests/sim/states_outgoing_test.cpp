// A written mail's life, begun in each of its states; see gateway/flows/STATES.md.
#include "sim/played_folder.hpp"
#include "sim/states_kit.hpp"

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST_F(States, Outgoing_spooled_without_a_row) {
  cast();
  const auto file = put_spool_file();

  expect_nothing_is_sent_in(1h);

  EXPECT_FALSE(fs::exists(file));
}

TEST_F(States, Outgoing_queued) {
  cast();
  const auto id = promise();

  begin_and_run_for(1min);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::sent);
  EXPECT_EQ(smtp_.taken_count("<out@example.test>"), 1U);
}

TEST_F(States, Outgoing_queued_for_later) {
  cast();
  const auto id = promise(false, 1h);

  expect_nothing_is_sent_in(59min);
  world_.run_for(2min);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::sent);
}

TEST_F(States, Outgoing_sending) {
  cast();
  const auto id = promise_and_begin();

  begin_and_run_for(10min);

  const auto sent = delivery(id);
  EXPECT_EQ(sent.outcome.state, DeliveryState::sent);
  EXPECT_TRUE(sent.possibly_duplicated);
  EXPECT_EQ(sent.attempts, 2);
  EXPECT_EQ(smtp_.taken_count("<out@example.test>"), 1U);
}

TEST_F(States, Outgoing_sending_while_a_caller_waits) {
  cast();
  const auto id = promise_and_begin(true);

  expect_nothing_is_sent_in(2h);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::unknown);
  EXPECT_EQ(delivery(id).outcome.result_code, 61);
}

TEST_F(States, Outgoing_queued_while_a_caller_waits) {
  cast();
  const auto id = promise(true);

  expect_nothing_is_sent_in(2h);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::failed);
  EXPECT_EQ(delivery(id).outcome.result_code, 60);
}

TEST_F(States, Outgoing_sent_to_some) {
  cast();
  const auto id = promise_and_begin();
  RecipientResult taken;
  taken.address = "one@else.test";
  taken.result_code = 0;
  taken.smtp_code = 250;
  RecipientResult later;
  later.address = "two@else.test";
  later.result_code = 1;
  later.smtp_code = 450;
  end_attempt(id, DeliveryState::queued, 1, 1min, {taken, later});

  begin_and_run_for(10min);

  ASSERT_EQ(smtp_.taken().size(), 1U);
  EXPECT_EQ(smtp_.taken().front().recipients, std::vector<std::string>{"two@else.test"});
  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::sent);
}

TEST_F(States, Outgoing_unknown_to_be_resent) {
  cast();
  const auto id = promise_and_begin();
  end_attempt(id, DeliveryState::unknown, 61, 5min);

  expect_nothing_is_sent_in(4min);
  world_.run_for(10min);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::sent);
  EXPECT_TRUE(delivery(id).possibly_duplicated);
  EXPECT_EQ(smtp_.taken_count("<out@example.test>"), 1U);
}

TEST_F(States, Outgoing_unknown_for_good) {
  cast();
  const auto id = promise_and_begin();
  end_attempt(id, DeliveryState::unknown, 61, std::nullopt);

  expect_nothing_is_sent_in(2h);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::unknown);
}

TEST_F(States, Outgoing_held) {
  cast();
  const auto id = promise();
  ask(before_->deliveries().hold(id, world_.now()));

  expect_nothing_is_sent_in(2h);

  EXPECT_EQ(delivery(id).outcome.state, DeliveryState::held);
}

TEST_F(States, Outgoing_ended) {
  cast();
  const auto cancelled = promise();
  ask(before_->deliveries().cancel(cancelled, world_.now()));
  const auto failed = promise_and_begin();
  end_attempt(failed, DeliveryState::failed, 51, std::nullopt);
  const auto sent = promise_and_begin();
  end_attempt(sent, DeliveryState::sent, 0, std::nullopt);

  expect_nothing_is_sent_in(2h);

  EXPECT_EQ(delivery(cancelled).outcome.state, DeliveryState::cancelled);
  EXPECT_EQ(delivery(failed).outcome.state, DeliveryState::failed);
  EXPECT_EQ(delivery(sent).outcome.state, DeliveryState::sent);
}

TEST_F(States, Outgoing_copy_due) {
  PlayedFolder folder(world_);
  cast([](Integration& value) {
    value.incoming.server.host = "folder.test";
    value.outgoing.save_to_sent = true;
  });
  const auto id = promise_and_begin();
  end_attempt(id, DeliveryState::sent, 0, std::nullopt, {}, true);

  begin_and_run_for(1h);

  EXPECT_EQ(folder.mails.size(), 1U);
  EXPECT_TRUE(smtp_.taken().empty());
  EXPECT_FALSE(ask(now().deliveries().next_copy_due(id_)));
  gateway_->stop();
  gateway_.reset();
  world_.stop_servers();
}

}  // namespace
}  // namespace postern::sim
