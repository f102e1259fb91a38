// Stories of consumers that fetch their mail, and of what is handed over once more.
#include "flows/target_test.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

#include <set>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view target_name = "desk";

struct Pulling {
  explicit Pulling(std::uint64_t seed, std::function<void(Integration&)> adjust = nullptr)
      : stage(seed), account(stage.add_account("anna", std::move(adjust))), chance(seed) {
    stage.start();
    TargetDraft draft;
    draft.value.name = target_name;
    draft.value.type = "pull";
    target = stage.gateway
                 ->ask(stage.gateway->store().targets().create(std::move(draft), "test",
                                                               stage.world.now()))
                 .value.id;
    stage.run_for(1min);
  }
  storage::LeaseTerms terms(int limit, Duration time) const {
    storage::LeaseTerms wanted;
    wanted.limit = limit;
    wanted.time = time;
    return wanted;
  }
  storage::Leases lease(int limit, Duration time, Duration wait = Duration(0)) {
    flows::PullWait patience;
    patience.time = wait;
    return stage.gateway->ask(stage.gateway->hub().lease(target, terms(limit, time), patience));
  }
  void acknowledge(LeaseId id) {
    const auto fates = stage.gateway->ask(stage.gateway->hub().acknowledge(target, {id}));
    EXPECT_EQ(fates.front(), storage::LeaseFate::done);
  }
  Stage stage;
  Account& account;
  std::mt19937_64 chance;
  TargetId target;
};

/// One consumer's wait, in the background.
struct Waiting {
  std::optional<Result<storage::Leases>> answer;
  Duration answered{0};
};

net::Task<void> wait_for_mail(flows::Hub& hub, World& world, TargetId target,
                              storage::LeaseTerms terms, flows::PullWait wait, Waiting& out) {
  out.answer = co_await hub.lease(target, terms, std::move(wait));
  out.answered = world.steady();
}

net::Task<Result<bool>> stop_hub(flows::Hub& hub) {
  co_await hub.stop();
  co_return true;
}

TEST(Pull, A_waiting_consumer_gets_mail_the_moment_it_is_there) {
  Pulling story(1);
  Waiting first, second;
  flows::PullWait wait;
  wait.time = 60s;
  auto& hub = story.stage.gateway->hub();
  auto& world = story.stage.world;
  const auto terms = story.terms(1, 30s);
  story.stage.gateway->spawn(wait_for_mail(hub, world, story.target, terms, wait, first));
  story.stage.run_for(1s);
  story.stage.gateway->spawn(wait_for_mail(hub, world, story.target, terms, wait, second));
  story.stage.run_for(10s);
  ASSERT_FALSE(first.answer);

  const auto offered = world.steady();
  story.stage.offer(story.account);
  story.stage.run_for(5s);
  ASSERT_TRUE(first.answer);
  EXPECT_FALSE(second.answer);  // who came first is served first
  EXPECT_EQ(first.answer->value().items.size(), 1U);
  EXPECT_LE(first.answered - offered, 1s);
  story.stage.run_for(26s);

  ASSERT_TRUE(second.answer);  // the first one's lease ran out
  ASSERT_EQ(second.answer->value().items.size(), 1U);
  EXPECT_LE(second.answered - first.answered, 30s + 10ms);
  story.stage.stop();
}

void mark_seen(Integration& integration) {
  integration.incoming.after_fetch.action = AfterFetch::seen;
}

TEST(Pull, A_mail_that_is_acknowledged_is_marked_on_its_server_at_once) {
  Pulling story(6, mark_seen);
  auto& stage = story.stage;
  stage.offer(story.account);
  stage.run_for(10s);
  const auto leased = story.lease(1, 30s);
  ASSERT_EQ(leased.items.size(), 1U);
  stage.run_for(2s);
  EXPECT_EQ(story.account.imap->selects(), 0U) << "a lease is no acknowledgement";

  story.acknowledge(leased.items.front().id);
  stage.run_for(2s);

  EXPECT_EQ(story.account.imap->mails().front().flags.count("\\Seen"), 1U);
  stage.stop();
}

TEST(Pull, A_mail_that_all_but_a_removed_target_have_taken_is_marked_at_once) {
  Pulling story(7, mark_seen);
  auto& stage = story.stage;
  TargetDraft draft;
  draft.value.name = "other";
  draft.value.type = "pull";
  const auto other =
      stage.gateway->ask(stage.gateway->store().targets().create(draft, "test", stage.world.now()))
          .value.id;
  stage.offer(story.account);
  stage.run_for(10s);
  const auto leased = story.lease(1, 30s);
  ASSERT_EQ(leased.items.size(), 1U);
  story.acknowledge(leased.items.front().id);
  stage.run_for(2s);
  EXPECT_EQ(story.account.imap->selects(), 0U) << "one target has not taken it";

  stage.gateway->ask(
      stage.gateway->store().targets().remove(other, std::nullopt, "test", stage.world.now()));
  stage.gateway->ask(stage.gateway->hub().target_changed(other));
  stage.run_for(2s);

  EXPECT_EQ(story.account.imap->mails().front().flags.count("\\Seen"), 1U);
  stage.stop();
}

TEST(Pull, A_wait_ends_with_nothing_at_its_end_at_a_word_and_at_the_stop) {
  Pulling story(2);
  Waiting late, told, stopped;
  flows::PullWait wait;
  wait.time = 5s;
  auto& hub = story.stage.gateway->hub();
  auto& world = story.stage.world;
  const auto terms = story.terms(1, 30s);
  const auto began = world.steady();
  story.stage.gateway->spawn(wait_for_mail(hub, world, story.target, terms, wait, late));
  wait.time = 60s;
  wait.over = std::make_shared<std::atomic<bool>>(false);
  story.stage.gateway->spawn(wait_for_mail(hub, world, story.target, terms, wait, told));
  flows::PullWait patient;
  patient.time = 60s;
  story.stage.gateway->spawn(wait_for_mail(hub, world, story.target, terms, patient, stopped));
  story.stage.run_for(6s);
  ASSERT_TRUE(late.answer);
  EXPECT_EQ(late.answered - began, 5s);
  ASSERT_FALSE(told.answer);

  *wait.over = true;
  hub.look_for_leases();
  story.stage.run_for(1s);
  ASSERT_TRUE(told.answer);
  ASSERT_FALSE(stopped.answer);
  EXPECT_TRUE(world.run(stop_hub(hub)));
  story.stage.run_for(1s);

  for (const auto* each : {&late, &told, &stopped}) {
    ASSERT_TRUE(each->answer);
    EXPECT_TRUE(each->answer->value().items.empty());
  }
  story.stage.stop();
}

TEST(Pull, What_is_acknowledged_never_comes_back_and_what_is_not_does) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Pulling story(seed);
    auto& stage = story.stage;
    std::set<std::string> offered;
    std::map<MessageId, int> acknowledged;
    std::map<MessageId, Instant> held;  // by whom does not matter: nobody else may have it
    for (int round = 0; round < 60; ++round) {
      if (round < 30) offered.insert(stage.offer(story.account));
      stage.run_for(20s);
      for (int consumer = 0; consumer < 2; ++consumer) {
        const auto leased = story.lease(2, 30s);
        for (const auto& item : leased.items) {
          EXPECT_EQ(acknowledged.count(item.message), 0U) << "seed " << seed;
          const auto former = held.find(item.message);
          if (former != held.end()) EXPECT_LE(former->second, stage.world.now());
          held[item.message] = item.until;
          if (story.chance() % 3 == 0) continue;  // the consumer dies with it
          story.acknowledge(item.id);
          ++acknowledged[item.message];
        }
      }
      if (round % 7 == 3) stage.restart();
    }
    stage.run_for(1min);
    for (int round = 0; round < 20; ++round) {
      for (const auto& item : story.lease(100, 1s).items) {
        story.acknowledge(item.id);
        ++acknowledged[item.message];
      }
      stage.run_for(2s);
    }

    EXPECT_EQ(acknowledged.size(), offered.size()) << "seed " << seed;
    for (const auto& [message, times] : acknowledged) {
      EXPECT_EQ(times, 1);
      const auto detail = stage.gateway->ask(stage.gateway->store().messages().get(message));
      EXPECT_EQ(detail.state, storage::MessageState::handed_over);
      EXPECT_EQ(offered.count(detail.sha256), 1U);
    }
    stage.stop();
  }
}

TEST(Replay, Goes_on_after_a_crash_without_doubling_what_waits) {
  Stage stage(3);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  std::vector<std::string> mails;
  for (int i = 0; i < 10; ++i) mails.push_back(stage.offer(account));
  stage.run_for(5min);
  for (const auto& each : mails) ASSERT_EQ(hook.ids_of(each).size(), 1U);
  const auto target = stage.targets.at("desk");
  storage::ReplaySpan span;
  span.until = stage.world.now();

  hook.manners.hangs = 1;
  auto& before = stage.gateway->store().handovers();
  const auto half = stage.gateway->ask(before.replay(target, span, 5, stage.world.now()));
  EXPECT_EQ(half.count, 5);
  stage.restart();
  auto& after = stage.gateway->store().handovers();
  const auto whole = stage.gateway->ask(after.replay(target, span, 100, stage.world.now()));
  EXPECT_EQ(whole.count, 5);
  hook.manners.hangs = 0;
  stage.gateway->hub().handovers_queued();
  stage.run_for(1h);

  for (const auto& each : mails) EXPECT_EQ(hook.ids_of(each).size(), 2U);
  EXPECT_TRUE(hook.mistakes().empty());
  stage.stop();
}

TEST(TargetTest, Says_how_the_target_answered) {
  Stage stage(4);
  auto& hook = stage.add_target("desk");
  stage.start();
  flows::Context& context = stage.gateway->hub().context();
  const auto target = stage.targets.at("desk");

  const auto stored = stage.gateway->ask(context.store.targets().find(target.str()));
  const auto secrets = stage.gateway->ask(context.store.targets().secrets(target));

  const auto good = stage.gateway->ask(flows::test_target(context, stored.value, secrets));
  hook.manners.answers_500 = 1;
  const auto bad = stage.gateway->ask(flows::test_target(context, stored.value, secrets));

  EXPECT_TRUE(good.ok) << good.error;
  ASSERT_EQ(good.steps.size(), 2U);
  EXPECT_EQ(good.steps[0].step, "dns");
  EXPECT_EQ(good.steps[1].step, "request");
  EXPECT_GE(good.status, 200);
  EXPECT_FALSE(bad.ok);
  EXPECT_EQ(bad.status, 500);
  EXPECT_EQ(bad.error, "HTTP 500");
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
