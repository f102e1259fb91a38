// Stories of Gmail: a mail with several labels stands in several folders, and is one mail.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t some_id = 0x16fe3dff2c31db6a;

/// The INBOX, a label and All Mail are watched.
struct Labels {
  explicit Labels(std::uint64_t seed, AfterFetch action = AfterFetch::none)
      : stage(seed),
        hook(stage.add_target("desk")),
        account(stage.add_account("anna", [action](Integration& value) {
          value.incoming.more_folders = {"Work", "[Gmail]/All Mail"};
          value.incoming.after_fetch.action = action;
        })) {
    account.imap->manners.offers_gmail = true;
    for (const auto* name : {"Work", "[Gmail]/All Mail"}) account.imap->make_folder(name);
    stage.start();
    stage.run_for(2min);
  }
  /// Gmail may give the bytes with other line folding under another label.
  void label(const std::string& folder, const std::string& message_id, std::uint64_t gmail_id) {
    const auto name = folder == "INBOX" ? "plain" : "under " + folder;
    account.imap->deliver_to(folder, "Subject: labelled\r\nMessage-ID: " + message_id +
                                         "\r\nX-Seen: " + name + "\r\n\r\nbody\r\n");
    account.imap->folder(folder)->mails.back().gmail_id = gmail_id;
  }
  Stage stage;
  PlayedWebhook& hook;
  Account& account;
};

TEST(Gmail, A_mail_with_several_labels_is_handed_over_once) {
  Labels story(1);
  for (const auto* folder : {"INBOX", "Work", "[Gmail]/All Mail"}) {
    story.label(folder, "<a@x>", some_id);
  }
  story.stage.run_for(5min);
  EXPECT_EQ(story.hook.calls().size(), 1U);

  story.label("Work", "<a@x>", some_id + 1);  // sent once more: Gmail knows it as another
  story.label("Work", "<b@x>", some_id);      // what Gmail never does: it is not taken for the same
  story.stage.run_for(5min);
  EXPECT_EQ(story.hook.calls().size(), 3U);
  story.stage.restart();
  story.label("INBOX", "<b@x>", some_id);
  story.stage.run_for(5min);

  EXPECT_EQ(story.hook.calls().size(), 3U);
  EXPECT_EQ(story.account.imap->foul(), "");
  story.stage.stop();
}

TEST(Gmail, A_mail_is_marked_under_each_of_its_labels) {
  Labels story(2, AfterFetch::seen);
  for (const auto* folder : {"INBOX", "Work"}) story.label(folder, "<a@x>", some_id);
  story.stage.run_for(5min);

  EXPECT_EQ(story.hook.calls().size(), 1U);
  for (const auto* folder : {"INBOX", "Work"}) {
    EXPECT_TRUE(story.account.imap->folder(folder)->mails.back().flags.contains("\\Seen"))
        << folder;
  }
  story.stage.stop();
}

}  // namespace
}  // namespace postern::sim
