// Stories of retention: each limit alone, what no target has taken, and that nothing waits for it.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct Keeping {
  explicit Keeping(std::uint64_t seed, const std::function<void(flows::FlowOptions&)>& limit)
      : stage(seed), hook(stage.add_target("desk")), account(stage.add_account("anna")) {
    flows::FlowOptions options;
    limit(options);
    stage.set_options(std::move(options));
    stage.start();
    stage.run_for(1min);
  }
  std::vector<std::string> offer(int count) {
    std::vector<std::string> mails;
    for (int i = 0; i < count; ++i) {
      mails.push_back(stage.offer(account));
      stage.run_for(10s);
    }
    return mails;
  }
  /// The sha256 of what is kept, oldest first.
  std::vector<std::string> kept() {
    storage::PageRequest all;
    all.limit = 500;
    std::vector<std::string> mails;
    const auto page = stage.gateway->ask(stage.gateway->store().messages().list({}, all));
    for (const auto& mail : page.items) mails.insert(mails.begin(), mail.sha256);
    return mails;
  }
  Stage stage;
  PlayedWebhook& hook;
  Account& account;
};

using Mails = std::vector<std::string>;

TEST(Retention, Keeps_the_newest_of_so_many_mails) {
  Keeping story(1, [](auto& options) { options.retention_messages = 3; });
  const auto mails = story.offer(5);
  story.stage.run_for(11min);

  EXPECT_EQ(story.kept(), Mails(mails.begin() + 2, mails.end()));
  EXPECT_EQ(story.hook.calls().size(), 5U);
  story.stage.run_for(1h);
  EXPECT_EQ(story.kept().size(), 3U) << "and no fewer";
  story.stage.stop();
}

TEST(Retention, Keeps_the_newest_of_so_many_bytes) {
  Keeping story(2, [](auto& options) { options.retention_bytes = 700; });
  const auto mails = story.offer(5);  // of some 200 bytes each
  story.stage.run_for(11min);

  const auto kept = story.kept();
  EXPECT_GE(kept.size(), 2U);
  EXPECT_LE(kept.size(), 3U);
  EXPECT_EQ(kept.back(), mails.back());
  story.stage.stop();
}

TEST(Retention, Keeps_mails_for_so_many_days) {
  Keeping story(3, [](auto& options) { options.retention_days = 2; });
  story.offer(3);
  story.stage.run_for(24h);
  const auto later = story.offer(2);
  story.stage.run_for(23h);
  EXPECT_EQ(story.kept().size(), 5U);

  story.stage.run_for(2h);

  EXPECT_EQ(story.kept(), later);
  story.stage.stop();
}

TEST(Retention, Removes_nothing_that_no_target_has_taken_whatever_the_limits) {
  Keeping story(4, [](auto& options) {
    options.retention_messages = 1;
    options.retention_bytes = 1;
    options.retention_days = 1;
  });
  story.stage.world.refuse(story.hook.host());
  const auto mails = story.offer(4);
  story.stage.run_for(50h);
  EXPECT_EQ(story.kept(), mails);

  story.hook.serve();
  story.stage.run_for(50h);

  EXPECT_TRUE(story.kept().empty()) << "taken, and too old";
  for (const auto& mail : mails) EXPECT_EQ(story.hook.ids_of(mail).size(), 1U);
  story.stage.stop();
}

TEST(Retention, Hands_nothing_over_again_that_was_removed_here_and_is_there_still) {
  Keeping story(5, [](auto& options) { options.retention_messages = 1; });
  story.account.imap->manners.offers_qresync = true;
  story.offer(5);
  story.stage.run_for(26h);  // a full compare goes by
  story.account.imap->kick();
  story.stage.run_for(10min);
  story.account.imap->renumber();
  story.stage.run_for(10min);

  EXPECT_EQ(story.hook.calls().size(), 5U);
  EXPECT_EQ(story.kept().size(), 1U);
  story.stage.stop();
}

}  // namespace
}  // namespace postern::sim
