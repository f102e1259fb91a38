// Stories of what is done on its server with a mail that was not handed over: one action each for
// what was ignored, was too large, or is quarantined.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::size_t flagged(const PlayedImap& imap, const std::string& flag) {
  std::size_t count = 0;
  for (const auto& mail : imap.mails()) count += mail.flags.count(flag);
  return count;
}

// Each kind has its own action, and gets no other's.
TEST(AfterKinds, Get_what_is_said_for_each) {
  Stage stage(14);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna", [](Integration& value) {
    auto& incoming = value.incoming;
    incoming.message_bytes_max = 5000;
    incoming.ignore.domains = {"noise.test"};
    incoming.after_fetch.action = AfterFetch::seen;
    incoming.after_ignored.action = AfterFetch::keyword;
    incoming.after_ignored.keyword = "$Ignored";
    incoming.after_too_large.action = AfterFetch::move;
    incoming.after_too_large.folder = "Large";
    incoming.after_quarantined.action = AfterFetch::remove;
  });
  auto& imap = *account.imap;
  stage.start();
  stage.run_for(1min);
  const std::string noise = "From: a@noise.test\r\nSubject: noise\r\n\r\nnothing\r\n";
  stage.offer(account);
  imap.deliver(noise);
  imap.deliver(stage.mail_for(account) + std::string(6000, 'x'));
  imap.manners.faults["cannot be read"] = MailFault::refused;
  imap.deliver("Subject: cannot be read\r\n\r\nnever\r\n");
  stage.run_for(30min);

  EXPECT_EQ(hook.calls().size(), 2U) << "the first, and the header of the large one";
  ASSERT_EQ(imap.mails().size(), 3U) << "one is tried still";
  EXPECT_EQ(imap.mails()[0].flags, std::set<std::string>{"\\Seen"});
  EXPECT_EQ(imap.mails()[1].flags, std::set<std::string>{"$Ignored"});
  EXPECT_TRUE(imap.mails()[2].flags.empty());
  ASSERT_NE(imap.folder("Large"), nullptr);
  ASSERT_EQ(imap.folder("Large")->mails.size(), 1U);
  EXPECT_TRUE(imap.folder("Large")->mails.front().flags.empty());

  stage.run_for(3h);

  ASSERT_EQ(imap.mails().size(), 2U) << "it has had its tries";
  EXPECT_EQ(imap.mails()[1].bytes, noise);
  EXPECT_TRUE(stage.events("imap.after_fetch_failed").empty());
  stage.stop();
}

class AfterIgnored : public testing::TestWithParam<AfterFetch> {};

TEST_P(AfterIgnored, Is_done_without_any_target_and_over_a_restart) {
  Stage stage(15);
  auto& hook = stage.add_target("desk");
  hook.manners.answers_500 = 1;
  auto& account = stage.add_account("anna", [](Integration& value) {
    auto& policy = value.incoming.after_ignored;
    value.incoming.ignore.domains = {"noise.test"};
    policy.action = GetParam();
    policy.days = 1;
    if (GetParam() == AfterFetch::move) policy.folder = "Noise";
    if (GetParam() == AfterFetch::keyword) policy.keyword = "$Noise";
  });
  auto& imap = *account.imap;
  stage.start();
  stage.run_for(1min);
  imap.deliver("From: a@noise.test\r\nSubject: noise\r\n\r\nnothing\r\n");
  stage.offer(account);
  stage.run_for(23h);
  stage.restart();
  stage.run_for(30min);
  EXPECT_EQ(imap.mails().size(), 2U);
  EXPECT_EQ(imap.selects(), 0U) << "only EXAMINE until then";
  stage.run_for(1h);

  const bool stays = GetParam() == AfterFetch::seen || GetParam() == AfterFetch::keyword;
  EXPECT_EQ(imap.mails().size(), stays ? 2U : 1U);
  EXPECT_EQ(flagged(imap, GetParam() == AfterFetch::seen ? "\\Seen" : "$Noise"), stays ? 1U : 0U);
  const auto* noise = imap.folder("Noise");
  EXPECT_EQ(noise == nullptr ? 0U : noise->mails.size(), GetParam() == AfterFetch::move ? 1U : 0U);
  EXPECT_TRUE(imap.mails().back().flags.empty()) << "the other waits for its target";
  EXPECT_EQ(imap.foul(), "");
  stage.stop();
}

INSTANTIATE_TEST_SUITE_P(Each, AfterIgnored,
                         testing::Values(AfterFetch::seen, AfterFetch::keyword, AfterFetch::move,
                                         AfterFetch::remove));

}  // namespace
}  // namespace postern::sim
