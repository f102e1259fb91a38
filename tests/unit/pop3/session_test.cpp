// What a dialogue cannot show: limits by number, and calls out of turn. See tests/transcripts/pop3.
#include "pop3/session.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

/// A session without TLS that is logged in and awaits nothing.
Session logged_in() {
  Options options;
  options.tls = Tls::none;
  options.allow_plain_password = true;
  options.credentials.username = "bob";
  options.credentials.password = Secret("secret");
  Session session(std::move(options));
  for (const char* answer : {"+OK hi\r\n", "-ERR\r\n", "+OK\r\n", "+OK\r\n"}) {
    while (!std::holds_alternative<NeedInput>(session.next().value())) {
    }
    session.receive(answer);
  }
  EXPECT_TRUE(std::holds_alternative<Ready>(session.next().value()));
  return session;
}

TEST(Session, Lists_100000_mails_and_not_one_more) {
  auto session = logged_in();
  session.list();
  EXPECT_TRUE(std::holds_alternative<Send>(session.next().value()));
  session.receive("+OK\r\n");
  std::size_t listed = 0;
  for (;;) {
    auto step = session.next();
    if (!step) {
      EXPECT_EQ(step.error().code, errc::flooded);
      break;
    }
    if (std::holds_alternative<NeedInput>(step.value())) session.receive("1 5\r\n");
    if (std::holds_alternative<ListedSize>(step.value())) ++listed;
    ASSERT_LE(listed, Session::listed_max);
  }
  EXPECT_EQ(listed, Session::listed_max);
}

TEST(Session, Quits_before_the_login_by_just_closing) {
  Session session{Options()};
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next().value()));

  session.quit();

  const auto step = session.next().value();
  ASSERT_TRUE(std::holds_alternative<Closed>(step));
  EXPECT_FALSE(std::get<Closed>(step).updated);
}

TEST(Session, Says_why_a_server_hangs_up_by_itself) {
  auto session = logged_in();
  session.receive("-ERR [SYS/TEMP] idle for too long\r\n");

  const auto step = session.next();

  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().code, errc::farewell);
  EXPECT_NE(step.error().detail.find("idle for too long"), std::string::npos);
}

TEST(Session, Is_busy_while_a_command_waits_for_its_answer) {
  auto session = logged_in();
  EXPECT_FALSE(session.busy());
  session.noop();
  EXPECT_TRUE(session.busy());
  EXPECT_TRUE(std::holds_alternative<Send>(session.next().value()));
  session.receive("+OK\r\n");
  EXPECT_TRUE(std::holds_alternative<CommandDone>(session.next().value()));
  EXPECT_FALSE(session.busy());
}

}  // namespace
}  // namespace postern::pop3
