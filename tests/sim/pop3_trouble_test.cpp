// Stories of POP3 mails that cannot be taken as they are, and of what is deleted.
#include "sim/pop3_post.hpp"

namespace postern::sim {
namespace {

using namespace std::chrono_literals;
using storage::MessageState;

TEST(Pop3Trouble, A_refused_mail_is_shown_at_once_and_tried_five_times_over_growing_time) {
  Post post(1, from_all);
  const auto bad = post.offer();
  post.pop.manners.refuses = {post.uids[bad]};
  std::vector<std::string> mails = {post.offer()};
  post.stage.start();
  post.stage.run_for(10s);

  auto shown = post.in_state(MessageState::quarantined);
  ASSERT_EQ(shown.size(), 1U);
  ASSERT_TRUE(shown[0].trouble);
  EXPECT_EQ(shown[0].trouble->stage, "fetch");
  EXPECT_NE(shown[0].trouble->reason.find("cannot open that file"), std::string::npos);
  EXPECT_EQ(shown[0].trouble->tries, 1);
  EXPECT_EQ(shown[0].folder, "INBOX");
  EXPECT_EQ(post.stage.events("message.quarantined").size(), 1U);
  EXPECT_EQ(post.stage.events("pop3.download_failed").size(), 1U);

  post.stage.run_for(3h);
  shown = post.in_state(MessageState::quarantined);
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].trouble->tries, 5);
  EXPECT_FALSE(shown[0].trouble->next_try_at);
  EXPECT_EQ(post.stage.events("pop3.download_failed").size(), 2U) << "it was given up";
  EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::ok);

  post.pop.manners.refuses.clear();
  post.reprocess(shown[0].id);
  post.stage.run_for(1min);
  mails.push_back(bad);
  post.expect_whole(mails);
  EXPECT_TRUE(post.in_state(MessageState::quarantined).empty());
  post.stage.stop();
}

TEST(Pop3Trouble, A_mail_that_comes_at_a_later_try_comes_without_anybody_asking) {
  Post post(2, from_all);
  const auto bad = post.offer();
  post.pop.manners.refuses = {post.uids[bad]};
  post.stage.start();
  post.stage.run_for(30s);
  ASSERT_EQ(post.in_state(MessageState::quarantined).size(), 1U);
  const auto id = post.in_state(MessageState::quarantined)[0].id;
  post.stage.restart();

  post.pop.manners.refuses.clear();
  post.stage.run_for(10min);

  post.expect_whole({bad});
  EXPECT_EQ(post.in_state(MessageState::handed_over).at(0).id, id) << "under the id it was shown";
  post.stage.stop();
}

TEST(Pop3Trouble, A_mail_that_is_too_large_is_shown_by_its_header_and_fetched_when_asked_for) {
  for (const bool lies : {false, true}) {
    Post post(lies ? 4 : 3, [](Integration& value) {
      from_all(value);
      value.incoming.message_bytes_max = 20'000;
    });
    const auto bytes =
        "Subject: a large one\r\nMessage-ID: <large@x>\r\n\r\n" + std::string(30'000, 'x');
    const auto large = net::sha256(bytes + "\r\n");
    const auto uid = post.pop.deliver(bytes + "\r\n");
    if (lies) post.pop.manners.belittles = {uid};
    std::vector<std::string> mails = {post.offer()};
    post.notices = 1;
    post.stage.start();
    post.stage.run_for(1h);

    post.expect_whole(mails);
    const auto shown = post.in_state(MessageState::too_large);
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].trouble->stage, "size");
    EXPECT_EQ(post.stage.events("pop3.download_failed").size(), 1U);
    EXPECT_LE(post.pop.retrieved(), 2U) << "not fetched again and again";
    if (!lies) {
      EXPECT_EQ(shown[0].summary.subject, "a large one");
      EXPECT_EQ(shown[0].message_id, "<large@x>");
    }

    post.reprocess(shown[0].id);
    post.stage.run_for(1min);
    mails.push_back(large);
    post.expect_whole(mails);
    post.stage.stop();
  }
}

// Then a mail is known by its header, and that is to be had only with all of it.
TEST(Pop3Trouble, A_mail_that_is_too_large_stops_no_other_where_there_is_neither_uidl_nor_top) {
  Post post(5, [](Integration& value) {
    from_all(value);
    value.incoming.message_bytes_max = 20'000;
  });
  post.pop.manners.has_uidl = post.pop.manners.has_top = false;
  post.pop.deliver("Subject: a large one\r\n\r\n" + std::string(30'000, 'x') + "\r\n");
  std::vector<std::string> mails = {post.offer()};
  post.notices = 1;
  post.stage.start();
  post.stage.run_for(10min);
  mails.push_back(post.offer());
  post.stage.run_for(10min);

  post.expect_whole(mails);
  EXPECT_EQ(post.in_state(MessageState::too_large).size(), 1U);
  EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::ok);
  post.stage.stop();
}

TEST(Pop3Trouble, A_mail_that_went_meanwhile_is_not_tried_any_more) {
  Post post(5, from_all);
  const auto bad = post.offer();
  post.pop.manners.refuses = {post.uids[bad]};
  post.stage.start();
  post.stage.run_for(30s);
  post.pop.remove(post.uids[bad]);
  post.stage.run_for(1h);

  const auto shown = post.in_state(MessageState::quarantined);
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_FALSE(shown[0].trouble->next_try_at);
  EXPECT_NE(shown[0].trouble->reason.find("no longer"), std::string::npos);
  post.stage.stop();
}

TEST(Pop3Trouble, Deletes_each_kind_only_by_its_own_rule_and_a_quarantined_one_after_all_tries) {
  Post post(6, [](Integration& value) {
    from_all(value);
    value.incoming.message_bytes_max = 20'000;
    value.incoming.after_quarantined.action = AfterFetch::remove;
    value.incoming.after_too_large.action = AfterFetch::remove;
  });
  post.pop.deliver("Subject: large\r\n\r\n" + std::string(30'000, 'x') + "\r\n");
  const auto bad = post.offer();
  post.pop.manners.refuses = {post.uids[bad]};
  const std::vector<std::string> mails = {post.offer()};
  post.stage.start();
  post.stage.run_for(10min);
  EXPECT_EQ(post.pop.mails().size(), 2U) << "the large one alone";

  post.stage.run_for(3h);

  EXPECT_EQ(post.pop.mails().size(), 1U);
  post.notices = 1;
  post.expect_whole(mails);
  post.stage.stop();
}

TEST(Pop3Trouble, Deletes_after_its_days) {
  Post post(7, [](Integration& value) {
    deleting(value);
    value.incoming.after_fetch.days = 2;
  });
  const std::vector<std::string> mails = {post.offer()};
  post.stage.start();
  post.stage.run_for(47h);
  EXPECT_EQ(post.pop.mails().size(), 1U);

  post.stage.run_for(2h);

  EXPECT_TRUE(post.pop.mails().empty());
  post.expect_whole(mails);
  post.stage.stop();
}

TEST(Pop3Trouble, Tells_of_a_refused_deletion_once_and_does_not_repeat_it) {
  Post post(8, deleting);
  const std::vector<std::string> mails = {post.offer(), post.offer()};
  post.pop.manners.keeps = {post.uids[mails[0]]};
  post.stage.start();
  post.stage.run_for(6h);
  post.stage.restart();
  post.stage.run_for(6h);

  EXPECT_EQ(post.pop.mails().size(), 1U);
  EXPECT_EQ(post.pop.deletions_asked(), 2U);
  const auto events = post.stage.events("pop3.after_fetch_failed");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NE(events[0].message.find("it stays"), std::string::npos);
  post.expect_whole(mails);
  post.stage.stop();
}

TEST(Pop3Trouble, Deletes_a_second_copy_too) {
  Post post(9, deleting);
  const auto first = post.offer();
  const auto bytes = post.pop.mails()[0].bytes;
  post.stage.start();
  post.stage.run_for(10min);
  EXPECT_TRUE(post.pop.mails().empty());

  post.pop.deliver(bytes);
  post.stage.run_for(10min);

  EXPECT_TRUE(post.pop.mails().empty());
  post.expect_whole({first});
  EXPECT_EQ(post.hook.calls().size(), 1U);
  post.stage.stop();
}

}  // namespace
}  // namespace postern::sim
