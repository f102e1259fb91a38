// Stories of servers that never answer when mails are asked for: people see why no mail comes from
// the first such silence on, whoever turns out to be to blame. Promise 13.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct SilentStory {
  explicit SilentStory(std::uint64_t seed, const std::string& silent_at)
      : stage(seed), hook(stage.add_target("desk")), account(stage.add_account("anna")) {
    stage.start();
    stage.run_for(1min);
    account.imap->manners.faults[silent_at] = MailFault::silent;
    for (int i = 0; i < 3; ++i) offered.push_back(stage.offer(account));
  }

  void expect_told(DirectionState state) {
    const auto status = stage.status(account);
    EXPECT_EQ(status.incoming_state, state);
    ASSERT_TRUE(status.last_incoming_error);
    EXPECT_EQ(status.last_incoming_error->step, "fetch");
    EXPECT_EQ(status.last_incoming_error->kind, "imap.download_failed");
    EXPECT_TRUE(status.last_incoming_error->message.starts_with("the peer did not answer in time"));
    EXPECT_FALSE(status.last_incoming_error->hint.empty());
  }

  Stage stage;
  PlayedWebhook& hook;
  Account& account;
  std::vector<std::string> offered;
};

TEST(SilentFetch, Is_told_after_the_first_try_and_counts_from_the_second_on) {
  SilentStory story(51, "for anna");
  auto& stage = story.stage;

  stage.run_for(65s);
  story.expect_told(DirectionState::waiting);
  EXPECT_TRUE(stage.events("imap.download_failed").empty()) << "a mail may be to blame";
  EXPECT_GE(story.account.imap->logins(), 2U) << "which the next connection finds out";

  stage.run_for(65s);
  story.expect_told(DirectionState::failing);
  EXPECT_EQ(stage.events("imap.download_failed").size(), 1U);
  EXPECT_EQ(stage.status(story.account).consecutive_incoming_errors, 1);

  stage.run_for(8min);
  story.expect_told(DirectionState::failing);

  story.account.imap->manners.faults.clear();
  stage.run_for(16min);
  EXPECT_EQ(stage.status(story.account).incoming_state, DirectionState::ok);
  EXPECT_EQ(stage.events("imap.recovered").size(), 1U);
  stage.stop();
}

TEST(SilentFetch, That_one_mail_is_the_cause_of_ends_with_that_mail) {
  SilentStory story(52, "mail 2 for anna");
  auto& stage = story.stage;

  stage.run_for(65s);
  story.expect_told(DirectionState::waiting);

  stage.run_for(3min);
  EXPECT_EQ(stage.status(story.account).incoming_state, DirectionState::ok);
  for (const std::size_t i : {0U, 2U}) {
    EXPECT_EQ(story.hook.ids_of(story.offered[i]).size(), 1U) << "mail " << i + 1;
  }
  EXPECT_EQ(stage.events("message.quarantined").size(), 1U);

  // Its own tries, behind all others, are no trouble of the mailbox.
  const auto recovered = stage.events("imap.recovered").size();
  EXPECT_LE(recovered, 1U);
  stage.run_for(3h);
  EXPECT_EQ(stage.status(story.account).incoming_state, DirectionState::ok);
  EXPECT_EQ(stage.events("imap.recovered").size(), recovered);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
