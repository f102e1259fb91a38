// Stories of POP3: from the maildrop to the acknowledged hand-over, and what goes wrong.
#include "sim/pop3_post.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(Pop3, Hands_over_what_comes_at_the_next_poll_and_nothing_twice) {
  Post post(1);
  const auto before = post.offer();
  post.stage.start();
  post.stage.run_for(5min);
  const std::vector<std::string> mails = {post.offer(), post.offer()};

  post.stage.run_for(62s);
  post.expect_whole(mails);
  post.stage.run_for(3h);

  post.expect_whole(mails);
  EXPECT_EQ(post.hook.calls().size(), 2U);
  EXPECT_EQ(post.pop.retrieved(), 2U) << "no mail is downloaded twice";
  EXPECT_TRUE(post.hook.ids_of(before).empty());
  EXPECT_EQ(post.pop.mails().size(), 3U) << "nothing is removed";
  EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::ok);
  post.stage.stop();
}

TEST(Pop3, Takes_from_a_date_on_by_the_dates_in_the_headers) {
  Post post(2, [](Integration& value) { value.incoming.start_from = "2026-01-15"; });
  const auto mail = [](const char* received, const char* name) {
    return fmt::format(
        "Received: from a by b; {}\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
        "Subject: {}\r\nMessage-ID: <{}@x>\r\n\r\nbody\r\n",
        received, name, name);
  };
  const auto old = mail("Wed, 14 Jan 2026 23:00:00 +0000", "old");
  const auto wanted = mail("Thu, 15 Jan 2026 01:00:00 +0000", "wanted");
  post.pop.deliver(old);
  post.pop.deliver(wanted);
  post.stage.start();
  post.stage.run_for(1min);
  post.pop.deliver(mail("Tue, 13 Jan 2026 23:00:00 +0000", "late"));
  post.stage.run_for(2min);

  EXPECT_TRUE(post.hook.ids_of(net::sha256(old)).empty());
  EXPECT_EQ(post.hook.ids_of(net::sha256(wanted)).size(), 1U);
  EXPECT_EQ(post.hook.mails().size(), 2U) << "what comes later is new whatever its date";
  post.stage.stop();
}

TEST(Pop3, Loses_nothing_when_every_connection_is_cut_in_the_middle_of_a_mail) {
  Post post(3, from_all);
  post.pop.manners.retrieved_before_cut = 3;
  std::vector<std::string> mails;
  for (int i = 0; i < 12; ++i) mails.push_back(post.offer());
  post.stage.start();

  post.stage.run_for(2h);

  post.expect_whole(mails);
  EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::ok);
  post.stage.stop();
}

TEST(Pop3, Removes_a_mail_only_when_its_target_has_taken_it) {
  Post post(4, deleting);
  post.stage.world.refuse(post.hook.host());
  post.stage.start();
  const std::vector<std::string> mails = {post.offer(), post.offer()};
  post.stage.run_for(30min);
  EXPECT_EQ(post.pop.mails().size(), 2U);

  post.hook.serve();
  post.stage.run_for(3h);

  EXPECT_TRUE(post.pop.mails().empty());
  post.expect_whole(mails);
  post.stage.stop();
}

TEST(Pop3, Removes_again_what_a_cut_at_quit_left_and_hands_nothing_over_twice) {
  Post post(5, deleting);
  post.pop.manners.cuts_at_quit = true;
  post.stage.start();
  std::vector<std::string> mails = {post.offer(), post.offer()};
  post.stage.run_for(10min);
  EXPECT_EQ(post.pop.mails().size(), 2U);

  post.pop.manners.cuts_at_quit = false;
  post.pop.manners.cuts_after_update = true;
  post.stage.run_for(10min);
  EXPECT_TRUE(post.pop.mails().empty());
  mails.push_back(post.offer());
  post.stage.run_for(10min);

  EXPECT_TRUE(post.pop.mails().empty());
  post.expect_whole(mails);
  EXPECT_EQ(post.hook.calls().size(), 3U);
  post.stage.stop();
}

TEST(Pop3, Quarantines_the_mail_that_breaks_every_connection_and_goes_on_with_the_others) {
  Post post(6, from_all);
  const auto bad = post.offer();
  const auto refused = post.offer();
  post.pop.manners.cuts_at = {post.uids[bad]};
  post.pop.manners.refuses = {post.uids[refused]};
  std::vector<std::string> mails = {post.offer(), post.offer()};
  post.stage.start();

  post.stage.run_for(30min);

  post.expect_whole(mails);
  EXPECT_EQ(post.stage.events("message.quarantined").size(), 2U);
  EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::ok);
  EXPECT_EQ(post.stage.status(post.account).consecutive_incoming_errors, 0);
  EXPECT_TRUE(post.stage.events("integration.disabled").empty());

  // Given up after its tries; then a person asks.
  post.stage.run_for(3h);
  post.pop.manners.cuts_at.clear();
  post.stage.run_for(3h);
  EXPECT_TRUE(post.hook.ids_of(bad).empty()) << "it is left alone";
  ASSERT_TRUE(post.stage.world.run(post.stage.gateway->hub().check(post.account.id)));
  post.stage.run_for(1min);
  mails.push_back(bad);
  post.expect_whole(mails);
  post.stage.stop();
}

TEST(Pop3, Knows_mails_by_their_headers_where_there_is_no_uidl) {
  for (const bool top : {true, false}) {
    Post post(top ? 7 : 8);
    post.pop.manners.has_uidl = false;
    post.pop.manners.has_top = top;
    post.pop.manners.knows_capa = top;
    const auto before = post.offer();
    post.stage.start();
    post.stage.run_for(5min);
    const std::vector<std::string> mails = {post.offer(), post.offer()};

    post.stage.run_for(1h);

    post.expect_whole(mails);
    EXPECT_EQ(post.hook.calls().size(), 2U);
    EXPECT_TRUE(post.hook.ids_of(before).empty());
    post.stage.stop();
  }
}

TEST(Pop3, Hands_nothing_over_again_under_new_unique_ids) {
  Post post(9, from_all);
  std::vector<std::string> mails = {post.offer(), post.offer(), post.offer()};
  post.stage.start();
  post.stage.run_for(5min);

  post.pop.renumber();
  post.stage.run_for(10min);

  post.expect_whole(mails);
  EXPECT_EQ(post.hook.calls().size(), 3U);
  post.stage.stop();
}

TEST(Pop3, Passes_over_again_under_new_unique_ids_what_was_there_before_the_start) {
  for (const char* start_from : {"now", "2025-12-24"}) {
    Post post(14, [&](Integration& value) { value.incoming.start_from = start_from; });
    std::vector<std::string> old;
    for (int i = 0; i < 4; ++i) {
      auto bytes = post.stage.mail_for(post.account, "Mon, 03 Nov 2025 10:00:00 +0000");
      old.push_back(net::sha256(bytes));
      post.pop.deliver(std::move(bytes));
    }
    post.stage.start();
    post.stage.run_for(5min);
    std::vector<std::string> mails = {post.offer(), post.offer()};
    post.stage.run_for(5min);
    post.expect_whole(mails);

    for (int times = 1; times <= 2; ++times) {
      post.pop.renumber();
      mails.push_back(post.offer());  // in the same moment
      if (times == 2) post.pop.manners.retrieved_before_cut = 1;
      post.stage.run_for(2min);
      post.pop.manners.retrieved_before_cut = 0;
      post.stage.restart();
      post.stage.run_for(10min);

      post.expect_whole(mails);
      EXPECT_EQ(post.stage.events("mailbox.uidvalidity_changed").size(),
                static_cast<std::size_t>(times));
    }
    for (const auto& sha256 : old) EXPECT_TRUE(post.hook.ids_of(sha256).empty()) << start_from;
    EXPECT_EQ(post.hook.calls().size(), mails.size()) << start_from;
    post.stage.stop();
  }
}

TEST(Pop3, Does_not_take_a_mailbox_in_use_for_a_wrong_password) {
  Post post(10, from_all);
  post.pop.manners.is_in_use = true;
  const std::vector<std::string> mails = {post.offer()};
  post.stage.start();
  post.stage.run_for(1min);

  const auto status = post.stage.status(post.account);
  ASSERT_TRUE(status.last_incoming_error);
  EXPECT_EQ(status.last_incoming_error->kind, "pop3.login_failed");
  EXPECT_NE(status.last_incoming_error->hint.find("Another program"), std::string::npos);
  post.pop.manners.is_in_use = false;
  post.stage.run_for(5min);

  post.expect_whole(mails);
  EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::ok);
  EXPECT_EQ(post.stage.events("pop3.recovered").size(), 1U);
  post.stage.stop();
}

TEST(Pop3, Drops_a_server_that_falls_silent_or_drips_within_its_limit) {
  for (const bool drips : {false, true}) {
    Post post(drips ? 11 : 12);
    post.pop.manners.falls_silent = !drips;
    post.pop.manners.drips = drips;
    post.stage.start();

    post.stage.run_for(3min);

    EXPECT_GE(post.pop.last_silence(), 55s);
    EXPECT_LE(post.pop.last_silence(), 65s);
    EXPECT_EQ(post.stage.status(post.account).incoming_state, DirectionState::failing);
    EXPECT_EQ(post.stage.events("pop3.connection_failed").size(), 1U);
    post.stage.stop();
  }
}

/// Ten acts at a time, so that each test stays short.
class Pop3Deaths : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Pop3Deaths, Lose_nothing_and_hand_over_under_one_id) {
  std::size_t deaths = 0;
  for (std::uint64_t act = GetParam(); act < GetParam() + 10; ++act) {
    Post post(100 + act, deleting);
    std::vector<std::string> mails;
    for (int i = 0; i < 3; ++i) mails.push_back(post.offer());
    post.stage.start();
    post.stage.gateway->env().die_in_acts(act);
    post.stage.run_for(4min);
    mails.push_back(post.offer());
    post.stage.run_for(15min);

    SCOPED_TRACE("dying at act " + std::to_string(act));
    deaths += post.stage.deaths;
    post.expect_whole(mails);
    EXPECT_TRUE(post.pop.mails().empty());
    post.stage.stop();
  }
  EXPECT_GE(deaths, 9U);
}

INSTANTIATE_TEST_SUITE_P(At_any_act, Pop3Deaths, testing::Values(1, 11, 21, 31, 41, 51));

}  // namespace
}  // namespace postern::sim
