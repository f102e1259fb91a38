// Stories of UIDs that are not what RFC 9051 §2.3.1.1 promises: repeated, used again, out of order;
// and of mails that are hard to tell apart.
#include "net/hashing.hpp"
#include "sim/stage.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct Mailbox {
  explicit Mailbox(std::uint64_t seed, const char* start_from = "now",
                   const std::function<void(Integration&)>& adjust = nullptr)
      : stage(seed),
        hook(stage.add_target("desk", [](Target& target) { target.raw = true; })),
        account(stage.add_account("anna",
                                  [&](Integration& value) {
                                    value.incoming.start_from = start_from;
                                    if (adjust) adjust(value);
                                  })),
        imap(*account.imap) {}

  void begin() {
    stage.start();
    stage.run_for(1min);
  }
  /// A mail in the INBOX under this UID.
  void under(std::uint32_t uid) {
    auto bytes = stage.mail_for(account);
    wanted.push_back(net::sha256(bytes));
    imap.deliver_under(uid, std::move(bytes));
  }
  void expect_each_once() {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(hook.ids_of(wanted[i]).size(), 1U) << "mail " << i;
    }
    EXPECT_EQ(hook.calls().size(), wanted.size());
    EXPECT_EQ(imap.foul(), "");
    EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  }
  /// A restart, and a day with its compare, change nothing.
  void expect_it_stays_so() {
    expect_each_once();
    stage.restart();
    stage.run_for(25h);
    expect_each_once();
    stage.stop();
  }

  Stage stage;
  PlayedWebhook& hook;
  Account& account;
  PlayedImap& imap;
  std::vector<std::string> wanted;
};

TEST(Uids, Given_to_two_mails_that_wait_lose_neither) {
  Mailbox box(51, "all");
  for (const auto uid : {1U, 2U, 2U, 3U, 3U, 3U}) box.under(uid);
  box.begin();
  box.expect_it_stays_so();
}

TEST(Uids, Given_once_more_while_we_watch_lose_no_mail) {
  Mailbox box(52);
  box.begin();
  for (const auto uid : {1U, 2U, 3U}) box.under(uid);
  box.stage.run_for(10s);

  box.under(3);
  box.stage.run_for(10s);
  box.under(2);
  box.under(4);
  box.stage.run_for(10s);

  box.expect_it_stays_so();
}

TEST(Uids, Used_again_after_a_mail_was_deleted_are_those_of_new_mails) {
  Mailbox box(53);
  box.begin();
  for (const auto uid : {1U, 2U, 3U}) box.under(uid);
  box.stage.run_for(10s);

  box.imap.take_away(3);
  box.stage.run_for(10s);
  box.under(3);
  box.stage.run_for(10s);

  box.expect_it_stays_so();
}

TEST(Uids, Out_of_order_come_at_once_and_not_at_the_daily_compare) {
  Mailbox box(54);
  const auto old = box.stage.offer(box.account, box.stage.world.now() - 24h * 30);
  box.imap.skip_uids(50);
  box.begin();
  for (const auto uid : {60U, 55U, 70U, 65U, 10U}) {
    box.under(uid);
    box.stage.run_for(10s);
  }

  EXPECT_TRUE(box.hook.ids_of(old).empty());
  box.expect_it_stays_so();
  EXPECT_TRUE(box.hook.ids_of(old).empty());
}

TEST(Uids, That_wait_out_of_order_lose_no_mail) {
  Mailbox box(55, "all");
  for (const auto uid : {9U, 3U, 7U, 1U, 8U}) box.under(uid);
  box.begin();
  box.expect_it_stays_so();
}

TEST(Uids, Of_mails_that_were_announced_and_went_make_no_old_mail_new) {
  Mailbox box(56);
  const auto old = box.stage.offer(box.account, box.stage.world.now() - 24h * 30);
  box.begin();
  for (int round = 0; round < 5; ++round) {
    const auto uid = box.imap.deliver(box.stage.mail_for(box.account));
    box.imap.take_away(uid);  // before anybody could look
    box.stage.run_for(1min);
  }

  EXPECT_TRUE(box.hook.ids_of(old).empty());
  box.stage.stop();
}

void look_rarely(Integration& value) {
  value.incoming.mode = IncomingMode::poll;
  value.incoming.poll_interval = 1h;
}

/// While nobody watches, the mail under `uid` goes and another comes in its place.
void exchange(Mailbox& box, std::uint32_t uid) {
  auto bytes = box.stage.mail_for(box.account);
  box.wanted.push_back(net::sha256(bytes));
  auto& folder = box.imap.inbox();
  for (auto& mail : folder.mails) {
    if (mail.uid != uid) continue;
    mail = ImapMail{uid, std::move(bytes), box.stage.world.now(), {}, ++folder.mod_seq};
    break;
  }
  box.imap.kick();
}

TEST(Uids, Given_once_more_while_we_were_away_are_found_within_a_day) {
  Mailbox box(61);
  const auto old = box.stage.offer(box.account, box.stage.world.now() - 24h * 30);
  box.stage.offer(box.account, box.stage.world.now() - 24h * 30);
  box.begin();
  for (const auto uid : {3U, 4U, 5U}) box.under(uid);
  box.stage.run_for(10s);
  ASSERT_EQ(box.hook.calls().size(), 3U);

  exchange(box, 5);
  box.stage.run_for(1h);
  exchange(box, 2);  // one that we passed over
  box.stage.run_for(25h);

  EXPECT_TRUE(box.hook.ids_of(old).empty());
  box.expect_it_stays_so();
  EXPECT_TRUE(box.hook.ids_of(old).empty());
}

TEST(Uids, Given_once_more_while_we_were_away_are_found_at_once_where_changes_are_told) {
  for (const bool qresync : {true, false}) {
    Mailbox box(62);
    auto& manners = box.imap.manners;
    (qresync ? manners.offers_qresync : manners.offers_condstore) = true;
    const auto old = box.stage.offer(box.account, box.stage.world.now() - 24h * 30);
    box.begin();
    for (const auto uid : {2U, 3U, 4U}) box.under(uid);
    box.stage.run_for(10s);

    exchange(box, 3);
    box.imap.mark(1);
    box.imap.mark(2);
    box.stage.run_for(10s);

    EXPECT_TRUE(box.hook.ids_of(old).empty());
    box.expect_it_stays_so();
  }
}

TEST(Uids, Whose_dates_are_told_differently_every_day_are_not_fetched_again) {
  Mailbox box(63, "now", look_rarely);
  box.begin();
  for (const auto uid : {1U, 2U, 3U}) box.under(uid);
  box.stage.run_for(61min);
  for (int day = 0; day < 2; ++day) {
    for (auto& mail : box.imap.inbox().mails) mail.internal_date += 1h;
    box.stage.run_for(25h);
  }

  EXPECT_EQ(box.imap.bodies(), 3U);
  box.expect_each_once();
  box.stage.stop();
}

TEST(Uids, Given_to_another_mail_are_not_deleted_for_the_first) {
  for (const bool away : {true, false}) {
    Mailbox box(64, "now", [](Integration& value) {
      look_rarely(value);
      value.incoming.after_fetch.action = AfterFetch::remove;
      value.incoming.after_fetch.days = 1;
    });
    box.begin();
    for (const auto uid : {1U, 2U, 3U}) box.under(uid);
    box.stage.run_for(1h);
    // Behind the compare of the first day, and just before the first three are due; or before it.
    if (away) box.stage.run_for(23h - 30s);

    exchange(box, 2);
    box.stage.run_for(24h + 10min);
    ASSERT_EQ(box.imap.mails().size(), 1U) << "of the first three two were theirs to delete";
    EXPECT_EQ(net::sha256(box.imap.mails().front().bytes), box.wanted.back());

    if (!away) box.stage.run_for(25h);
    EXPECT_EQ(box.imap.mails().size(), away ? 1U : 0U) << "it has its own time";
    EXPECT_EQ(box.hook.calls().size(), 4U);
    const auto events = box.stage.events("imap.after_fetch_failed");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_NE(events.front().message.find("gave its UID to another mail"), std::string::npos);
    box.stage.stop();
  }
}

TEST(Uids, Of_a_server_without_uidvalidity_are_nothing_to_delete_by) {
  Mailbox box(65, "now",
              [](Integration& value) { value.incoming.after_fetch.action = AfterFetch::remove; });
  box.imap.inbox().uid_validity = 0;
  box.begin();
  box.under(1);
  box.stage.run_for(1h);

  EXPECT_EQ(box.imap.mails().size(), 1U);
  const auto events = box.stage.events("imap.after_fetch_failed");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NE(events.front().message.find("no UIDVALIDITY"), std::string::npos);
  box.expect_it_stays_so();
}

TEST(Uids, Renumbered_under_the_same_uidvalidity_hand_nothing_over_again) {
  Mailbox box(57);
  box.begin();
  for (std::uint32_t uid = 10; uid < 20; ++uid) box.under(uid);
  box.stage.run_for(1min);

  box.imap.renumber_silently();
  box.stage.run_for(5min);
  box.under(11);
  box.stage.run_for(5min);

  box.expect_it_stays_so();
}

TEST(Mails, Without_a_message_id_are_told_apart_by_their_bytes) {
  Mailbox box(58);
  const auto nameless = [](int number) {
    return fmt::format("From: a@else.test\r\nSubject: nameless\r\n\r\nmail {}\r\n", number);
  };
  box.begin();
  for (const int number : {1, 2, 1, 3, 2}) {  // two are uploaded once more
    box.imap.deliver(nameless(number));
    box.stage.run_for(10s);
  }
  box.imap.renumber();
  box.imap.deliver(nameless(3));
  box.stage.run_for(10min);

  for (const int number : {1, 2, 3}) box.wanted.push_back(net::sha256(nameless(number)));
  box.expect_it_stays_so();
}

TEST(Mails, Of_one_message_id_and_other_bytes_are_two) {
  Mailbox box(59);
  const auto about = [](const char* subject) {
    return fmt::format("Subject: {}\r\nMessage-ID: <one@else.test>\r\n\r\nbody\r\n", subject);
  };
  box.begin();
  for (const auto* subject : {"first", "second"}) {
    box.imap.deliver(about(subject));
    box.wanted.push_back(net::sha256(about(subject)));
  }
  box.stage.run_for(1min);
  box.expect_it_stays_so();
}

}  // namespace
}  // namespace postern::sim
