// Stories of what large providers do to their mailboxes' readers, each a thing that was met.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct Reader {
  explicit Reader(std::uint64_t seed)
      : stage(seed),
        hook(stage.add_target("desk")),
        account(stage.add_account("anna")),
        imap(*account.imap) {}

  std::size_t tries() const { return stage.world.connection_count(imap.host()); }
  void expect_well(std::size_t mails) {
    EXPECT_EQ(hook.calls().size(), mails);
    EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
    EXPECT_TRUE(stage.events("integration.disabled").empty());
    EXPECT_EQ(imap.foul(), "");
    stage.stop();
  }

  Stage stage;
  PlayedWebhook& hook;
  Account& account;
  PlayedImap& imap;
};

TEST(Exchange, Is_left_alone_for_as_long_as_it_asks_at_the_login) {
  Reader reader(1);
  reader.imap.manners.refuses_login = true;
  reader.imap.manners.login_refusal =
      "BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds";
  reader.stage.start();
  reader.stage.run_for(10s);
  ASSERT_EQ(reader.tries(), 1U);
  reader.imap.manners.refuses_login = false;
  reader.stage.run_for(285s);
  EXPECT_EQ(reader.tries(), 1U);
  reader.stage.run_for(10s);
  EXPECT_EQ(reader.tries(), 2U);

  reader.stage.offer(reader.account);
  reader.stage.run_for(10s);
  reader.expect_well(1);
}

TEST(Exchange, Is_left_alone_for_as_long_as_it_asks_when_it_hangs_up) {
  Reader reader(2);
  reader.stage.start();
  reader.stage.run_for(10s);
  reader.imap.manners.refuses = "UID FETCH";
  reader.imap.manners.refusal = "Request is throttled. Suggested Backoff Time: 120000 milliseconds";
  reader.stage.offer(reader.account);
  reader.stage.run_for(60s);
  ASSERT_EQ(reader.tries(), 1U);
  reader.imap.manners.refuses.clear();
  reader.stage.run_for(50s);
  EXPECT_EQ(reader.tries(), 1U);
  reader.stage.run_for(15s);
  EXPECT_EQ(reader.tries(), 2U);
  EXPECT_TRUE(reader.stage.events("message.quarantined").empty()) << "no mail is to blame";
  reader.expect_well(1);
}

constexpr const char* token_over = "* BYE Session invalidated - AccessTokenExpired";

TEST(Exchange, Ends_a_session_with_its_token_and_nobody_is_told) {
  Reader reader(5);
  reader.stage.start();
  reader.stage.run_for(10s);
  for (int time = 0; time < 5; ++time) {
    reader.imap.dismiss(token_over);
    reader.stage.run_for(3s);
    reader.stage.offer(reader.account);
    reader.stage.run_for(5s);
  }

  EXPECT_EQ(reader.tries(), 6U);
  EXPECT_TRUE(reader.stage.events("imap.connection_failed").empty());
  reader.expect_well(5);
}

TEST(Exchange, That_ends_each_session_at_once_is_in_trouble_and_not_hammered) {
  Reader reader(6);
  reader.imap.manners.commands_before_cut = 0;
  reader.imap.manners.last_words = token_over;
  reader.stage.start();
  reader.stage.run_for(20min);
  EXPECT_LE(reader.tries(), 10U);
  EXPECT_EQ(reader.stage.status(reader.account).incoming_state, DirectionState::failing);

  reader.imap.manners.commands_before_cut = -1;
  reader.stage.run_for(15min + 5s);
  reader.stage.offer(reader.account);
  reader.stage.run_for(10s);
  reader.expect_well(1);
}

TEST(Gmail, Ends_an_idle_connection_and_nobody_is_told) {
  Reader reader(3);
  reader.stage.start();
  for (int hour = 0; hour < 6; ++hour) {
    reader.stage.run_for(25min);
    reader.imap.dismiss("* BYE Session expired, please login again.");
    reader.stage.run_for(5s);
    reader.stage.offer(reader.account);
    reader.stage.run_for(5s);
  }

  EXPECT_TRUE(reader.stage.events("imap.connection_failed").empty());
  EXPECT_EQ(reader.tries(), 7U);
  reader.expect_well(6);
}

TEST(Gmail, That_has_too_many_connections_refuses_no_password) {
  Reader reader(4);
  reader.imap.manners.refuses_login = true;
  reader.imap.manners.login_refusal = "NO [ALERT] Too many simultaneous connections. (Failure)";
  reader.stage.start();
  reader.stage.run_for(30min);
  const auto status = reader.stage.status(reader.account);
  ASSERT_TRUE(status.last_incoming_error);
  EXPECT_NE(status.last_incoming_error->message.find("Too many simultaneous"), std::string::npos);
  EXPECT_EQ(status.last_incoming_error->hint.find("password"), std::string::npos);
  reader.imap.manners.refuses_login = false;
  reader.stage.run_for(15min + 5s);

  reader.stage.offer(reader.account);
  reader.stage.run_for(10s);
  reader.expect_well(1);
}

}  // namespace
}  // namespace postern::sim
