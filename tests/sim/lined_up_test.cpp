// Stories of mails said behind the end of another, of large ones in a chunk, and of what servers
// make of that.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr int burst = 30;

struct Story {
  explicit Story(std::uint64_t seed, int connections = 1)
      : stage(seed), account(stage.add_account("anna", [connections](Integration& integration) {
          integration.outgoing.connections_max = connections;
        })) {
    stage.start();
  }

  void send_burst(int mails = burst) {
    for (int i = 0; i < mails; ++i) calls.push_back(&stage.send(account, {"one@else.test"}));
  }

  std::size_t followed() const {
    const auto& taken = account.smtp->taken();
    return static_cast<std::size_t>(
        std::count_if(taken.begin(), taken.end(), [](const auto& m) { return m.followed; }));
  }

  void expect_each_sent_once() {
    for (const auto* call : calls) {
      const auto delivery = stage.delivery(*call);
      EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
      EXPECT_EQ(account.smtp->taken_count(delivery.message_id), 1U);
    }
  }

  Stage stage;
  Account& account;
  std::vector<Call*> calls;
};

TEST(LinedUp, Says_the_next_mail_behind_the_end_of_this_one) {
  Story story(1);

  story.send_burst();
  story.stage.run_for(1min);

  story.expect_each_sent_once();
  EXPECT_GT(story.followed(), burst / 2U);
  EXPECT_EQ(story.stage.world.connection_count(story.account.smtp->host()), 1U);
  story.stage.stop();
}

TEST(LinedUp, Says_nothing_ahead_without_pipelining) {
  Story story(2);
  story.account.smtp->manners.offers_pipelining = false;

  story.send_burst();
  story.stage.run_for(1min);

  story.expect_each_sent_once();
  EXPECT_EQ(story.followed(), 0U);
  story.stage.stop();
}

TEST(LinedUp, Keeps_a_refusal_to_the_mail_that_it_is_for) {
  Story story(3);
  story.account.smtp->manners.refuses_for_good = 0.5;

  story.send_burst();
  story.stage.run_for(1min);

  std::size_t failed = 0;
  for (const auto* call : story.calls) {
    const auto delivery = story.stage.delivery(*call);
    const bool sent = delivery.outcome.state == DeliveryState::sent;
    failed += sent ? 0 : 1;
    EXPECT_EQ(delivery.outcome.result_code, sent ? 0 : 53);
    EXPECT_EQ(story.account.smtp->taken_count(delivery.message_id), sent ? 1U : 0U);
    EXPECT_EQ(delivery.attempts, 1);
  }
  EXPECT_GT(failed, 5U);
  EXPECT_EQ(story.stage.world.connection_count(story.account.smtp->host()), 1U);
  story.stage.stop();
}

TEST(LinedUp, Leaves_a_mail_undecided_that_stood_behind_a_lost_answer) {
  Story story(4);
  auto& manners = story.account.smtp->manners;
  manners.cut_after_taking = 1;

  story.send_burst(3);
  story.stage.run_until([&] { return !story.account.smtp->taken().empty(); }, 1min);
  manners.cut_after_taking = 0;
  story.stage.run_for(1h);

  std::size_t twice = 0;
  for (const auto* call : story.calls) {
    const auto delivery = story.stage.delivery(*call);
    EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
    const auto copies = story.account.smtp->taken_count(delivery.message_id);
    EXPECT_EQ(delivery.possibly_duplicated, copies == 2);
    EXPECT_GE(copies, 1U);
    twice += copies - 1;
  }
  EXPECT_EQ(twice, 1U);
  story.stage.stop();
}

TEST(LinedUp, Goes_to_another_lane_where_an_answer_is_long_in_coming) {
  Story story(5, 2);
  story.account.smtp->manners.answers_late_to = "slow@else.test";

  const auto& slow = story.stage.send(story.account, {"slow@else.test"});
  story.send_burst();
  story.stage.run_for(1min);

  const auto& taken = story.account.smtp->taken();
  const auto late = std::find_if(taken.begin(), taken.end(),
                                 [](const auto& m) { return m.recipients[0] == "slow@else.test"; });
  ASSERT_TRUE(late != taken.end());
  EXPECT_TRUE(late->followed);
  EXPECT_EQ(story.stage.delivery(slow).outcome.state, DeliveryState::sending);
  story.expect_each_sent_once();
  story.stage.stop();
}

TEST(LinedUp, Stops_saying_ahead_what_a_server_loses) {
  Story story(6);
  story.account.smtp->manners.loses_lined_up = true;

  story.send_burst();
  story.stage.run_for(1h);

  story.expect_each_sent_once();
  EXPECT_LE(story.followed(), 3U);
  story.stage.stop();
}

TEST(LinedUp, Says_no_more_mails_on_a_connection_than_the_server_takes) {
  Story story(7);
  story.account.smtp->manners.mails_max = 4;

  story.send_burst(12);
  story.stage.run_for(1min);

  story.expect_each_sent_once();
  for (const auto* call : story.calls) EXPECT_EQ(story.stage.delivery(*call).attempts, 1);
  EXPECT_EQ(story.stage.world.connection_count(story.account.smtp->host()), 3U);
  story.stage.stop();
}

TEST(LinedUp, Sends_to_many_in_as_many_transactions_as_the_server_wants) {
  Story story(8);
  story.account.smtp->manners.recipients_max = 2;

  const auto& call = story.stage.send(
      story.account, {"a@x.test", "refused@x.test", "b@x.test", "c@x.test", "d@x.test"});
  const auto& sync =
      story.stage.send(story.account, {"e@x.test", "f@x.test", "refused2@x.test"}, true);
  story.send_burst(5);
  story.stage.run_for(1min);

  const auto delivery = story.stage.delivery(call);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
  EXPECT_EQ(delivery.outcome.result_code, 52);
  EXPECT_EQ(delivery.attempts, 1);
  ASSERT_EQ(delivery.outcome.recipients.size(), 5U);
  EXPECT_EQ(delivery.outcome.recipients[1].result_code, 51);
  EXPECT_EQ(delivery.outcome.recipients[4].result_code, 0);
  EXPECT_EQ(story.account.smtp->taken_count(delivery.message_id), 3U);
  ASSERT_TRUE(sync.answered);
  EXPECT_EQ(sync.answered->outcome.result_code, 52);
  story.expect_each_sent_once();
  story.stage.stop();
}

/// A mail of more than 1 MiB, promised.
Call& send_large(Story& story) {
  auto& made = story.stage.calls.emplace_back();
  made.key = "large";
  made.request.integration = story.account.name;
  MailAddress recipient;
  recipient.address = "one@else.test";
  made.request.to.push_back(std::move(recipient));
  made.request.subject = "large";
  made.request.text.emplace();
  for (int i = 0; i < 30'000; ++i) *made.request.text += ".a line with a dot in front of it, no?\n";
  story.stage.repeat(made);
  return made;
}

TEST(Chunking, Sends_a_large_mail_in_one_chunk_to_the_octet) {
  Story story(9);
  story.account.smtp->manners.offers_chunking = true;

  story.send_burst(2);
  const auto& large = send_large(story);
  story.stage.run_for(2min);

  story.expect_each_sent_once();
  const auto delivery = story.stage.delivery(large);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
  std::size_t chunks = 0;
  for (const auto& mail : story.account.smtp->taken()) {
    if (!mail.in_chunk) continue;
    ++chunks;
    EXPECT_EQ(mail.message_id, delivery.message_id);
    EXPECT_EQ(mail.bytes.size(), delivery.size_bytes);
    EXPECT_NE(mail.bytes.find("\r\n.a line with a dot"), std::string::npos);
  }
  EXPECT_EQ(chunks, 1U);
  story.stage.stop();
}

TEST(Chunking, Goes_back_to_data_where_the_server_does_not_know_what_it_offered) {
  Story story(10);
  story.account.smtp->manners.offers_chunking = true;
  story.account.smtp->manners.knows_chunks = false;

  const auto& large = send_large(story);
  story.stage.run_for(2min);

  const auto delivery = story.stage.delivery(large);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
  EXPECT_EQ(delivery.attempts, 1);
  ASSERT_EQ(story.account.smtp->taken().size(), 1U);
  EXPECT_FALSE(story.account.smtp->taken()[0].in_chunk);
  story.stage.stop();
}

TEST(Chunking, Loses_no_place_in_the_queue_behind_a_chunk_that_is_not_known) {
  Story story(11);
  auto& smtp = *story.account.smtp;
  smtp.manners.offers_chunking = true;
  smtp.manners.knows_chunks = false;
  smtp.manners.takes_unknown_chunks = true;

  send_large(story);
  story.stage.run_until([&] { return story.stage.world.connection_count(smtp.host()) == 1; }, 1min);
  story.send_burst();
  story.stage.run_for(2min);

  story.expect_each_sent_once();
  const auto first = story.stage.delivery(*story.calls.front()).message_id;
  const auto& taken = smtp.taken();
  const auto place = std::find_if(taken.begin(), taken.end(),
                                  [&](const auto& mail) { return mail.message_id == first; });
  EXPECT_LT(place - taken.begin(), 3);
  story.stage.stop();
}

}  // namespace
}  // namespace postern::sim
