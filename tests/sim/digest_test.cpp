// Stories of digesting: mails go to the workers together, and none suffers from what it went with.
#include "flows/limits.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

storage::MessageDetail message(Stage& stage, const std::string& id) {
  storage::PageRequest page;
  page.limit = 500;
  for (auto& each : stage.gateway->ask(stage.gateway->store().messages().list({}, page)).items) {
    if (each.summary.message_id == id) return each;
  }
  ADD_FAILURE() << "no message " << id;
  return {};
}

std::string reply(const std::string& id, const std::string& to) {
  return fmt::format(
      "From: Customer <customer@else.test>\r\nTo: anna@example.test\r\nSubject: Re: it\r\n"
      "Message-ID: {}\r\n{}\r\nWords of {}.\r\n",
      id, to.empty() ? "" : "In-Reply-To: " + to + "\r\n", id);
}

TEST(Digest, Takes_mails_together) {
  Stage stage(611);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  stage.workers.digests = 0;
  for (int i = 0; i < 40; ++i) stage.offer(account);

  stage.run_for(1min);

  EXPECT_EQ(hook.mails().size(), 40U);
  EXPECT_GE(stage.workers.digests, 40 / flows::limits::digest_batch_mails + 1);
  EXPECT_LE(stage.workers.digests, 12U);
  stage.stop();
}

TEST(Digest, Takes_no_more_bytes_together_than_the_limit) {
  Stage stage(612);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  stage.workers.digests = 0;
  for (int i = 0; i < 8; ++i) {
    auto mail = stage.mail_for(account);
    while (mail.size() < flows::limits::digest_batch_bytes / 2) mail += "Words, words, words.\r\n";
    account.imap->deliver(std::move(mail), stage.world.now());
  }

  stage.run_for(1min);

  EXPECT_EQ(hook.mails().size(), 8U);
  EXPECT_EQ(stage.workers.digests, 8U);
  stage.stop();
}

TEST(Digest, Leaves_well_what_went_with_a_bad_mail) {
  Stage stage(613);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  stage.workers.digests = 0;
  std::vector<std::string> mails;
  for (int i = 0; i < 40; ++i) mails.push_back(stage.offer(account));
  stage.workers.poison = "mail 20 for anna";

  stage.run_for(1min);

  ASSERT_EQ(hook.mails().size(), 40U);
  for (std::size_t i = 0; i < mails.size(); ++i) {
    ASSERT_EQ(hook.ids_of(mails[i]).size(), 1U) << i;
    const auto& defects = hook.mails().at(hook.ids_of(mails[i]).front()).defects;
    const bool bad = i == 19;
    EXPECT_EQ(defects, bad ? std::vector<std::string>{"digest.crash"} : std::vector<std::string>())
        << i;
  }
  stage.stop();
}

TEST(Digest, Knows_the_thread_of_mails_that_came_together) {
  Stage stage(614);
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  stage.workers.digests = 0;
  account.imap->deliver(reply("<a@else.test>", ""), stage.world.now());
  account.imap->deliver(reply("<b@else.test>", "<a@else.test>"), stage.world.now());
  account.imap->deliver(reply("<c@else.test>", "<b@else.test>"), stage.world.now());
  account.imap->deliver(reply("<d@else.test>", ""), stage.world.now());

  stage.run_for(1min);

  EXPECT_EQ(stage.workers.digests, 1U);
  for (const char* id : {"<a@else.test>", "<b@else.test>", "<c@else.test>"}) {
    EXPECT_EQ(message(stage, id).summary.thread_id, "<a@else.test>") << id;
  }
  EXPECT_FALSE(message(stage, "<a@else.test>").summary.thread_known);
  EXPECT_TRUE(message(stage, "<b@else.test>").summary.thread_known);
  EXPECT_TRUE(message(stage, "<c@else.test>").summary.thread_known);
  EXPECT_EQ(message(stage, "<d@else.test>").summary.thread_id, "<d@else.test>");
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
