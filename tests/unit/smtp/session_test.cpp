// What a transcript cannot say: how the driver's calls and the arrival of bytes may interleave.
#include "smtp/session.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

constexpr std::string_view hello = "220 mx\r\n";
constexpr std::string_view pipelining = "250-mx\r\n250 PIPELINING\r\n";

Options options() {
  Options made;
  made.ehlo_name = "postern.example";
  return made;
}

Transaction mail_to(std::size_t recipients) {
  Transaction transaction;
  transaction.envelope.sender = "bob@example.com";
  for (std::size_t i = 0; i < recipients; ++i) {
    transaction.envelope.recipients.push_back("r" + std::to_string(i) + "@example.org");
  }
  return transaction;
}

template <class Wanted>
Wanted expect_step(Session& session) {
  auto step = session.next();
  EXPECT_TRUE(step) << describe(step.error());
  if (!step || !std::holds_alternative<Wanted>(step.value())) {
    ADD_FAILURE() << "another step";
    return Wanted();
  }
  return std::get<Wanted>(step.value());
}

error_code expect_error(Session& session) {
  auto step = session.next();
  EXPECT_FALSE(step);
  return step ? error_code() : step.error().code;
}

void say(Session& session, std::string_view bytes) {
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next().value()));
  session.receive(bytes);
}

/// Ready, on a server with PIPELINING.
Session ready_session() {
  Session session(options());
  say(session, hello);
  expect_step<Send>(session);
  say(session, pipelining);
  expect_step<Ready>(session);
  return session;
}

/// Asked for the body of a mail to one recipient.
Session session_at_body() {
  Session session = ready_session();
  EXPECT_TRUE(session.begin(mail_to(1)));
  expect_step<Send>(session);
  say(session, "250 ok\r\n250 ok\r\n354 go\r\n");
  expect_step<SendBody>(session);
  return session;
}

TEST(Session, Names_the_stage_of_each_reply) {
  Session session(options());
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::greeting);
  session.receive(hello);
  expect_step<Send>(session);
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::ehlo);
  session.receive(pipelining);
  expect_step<Ready>(session);
  ASSERT_TRUE(session.begin(mail_to(1)));
  expect_step<Send>(session);
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::mail);
  session.receive("250 ok\r\n");
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::rcpt);
  session.receive("250 ok\r\n");
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::data);
  session.receive("354 go\r\n");
  expect_step<SendBody>(session);
  session.body_sent();
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::end_of_data);
  session.receive("250 ok\r\n");
  expect_step<TransactionDone>(session);
  expect_step<Ready>(session);
  session.noop();
  expect_step<Send>(session);
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::reset);
  session.receive("250 ok\r\n");
  expect_step<Ready>(session);
  session.quit();
  EXPECT_EQ(expect_step<Send>(session).bytes, "QUIT\r\n");
  EXPECT_EQ(expect_step<NeedInput>(session).stage, Stage::quit);
}

TEST(Session, Writes_a_thousand_recipients_in_groups_that_no_window_blocks) {
  Session session = ready_session();
  ASSERT_TRUE(session.begin(mail_to(recipients_max)));
  std::size_t groups = 0;
  bool data = false;

  while (!data) {
    const std::string group = expect_step<Send>(session).bytes;
    ASSERT_LE(group.size(), pipelined_bytes_max);
    std::string replies;
    for (std::size_t at = 0; (at = group.find("\r\n", at)) != group.npos; at += 2) {
      data = group.compare(at - 4, 4, "DATA") == 0;
      replies += data ? "354 go\r\n" : "250 ok\r\n";
    }
    say(session, replies);
    ++groups;
  }
  expect_step<SendBody>(session);
  session.body_sent();
  say(session, "250 2.0.0 queued\r\n");
  const auto done = expect_step<TransactionDone>(session);

  EXPECT_GT(groups, 1U);
  EXPECT_EQ(done.recipients.size(), recipients_max);
  for (const auto& recipient : done.recipients) EXPECT_TRUE(recipient.accepted);
}

TEST(Session, Says_data_only_with_recipients_that_may_be_accepted) {
  Session session = ready_session();
  ASSERT_TRUE(session.begin(mail_to(recipients_max)));
  std::string said;
  std::size_t answered = 0;
  constexpr int steps_max = 1000;
  for (int steps = 0; !said.ends_with("RSET\r\n") && steps < steps_max; ++steps) {
    auto step = session.next();
    ASSERT_TRUE(step) << describe(step.error());
    if (const auto* send = std::get_if<Send>(&step.value())) said += send->bytes;
    if (!std::holds_alternative<NeedInput>(step.value())) continue;
    std::string replies;
    for (; (answered = said.find("\r\n", answered)) != said.npos; answered += 2) {
      replies += answered < 40 ? "250 ok\r\n" : "550 no\r\n";  // MAIL is accepted
    }
    answered = said.size();
    session.receive(replies);
  }

  EXPECT_FALSE(session.transaction().accepted);
  EXPECT_EQ(session.transaction().decided_at, Stage::rcpt);
  EXPECT_TRUE(said.ends_with("RCPT TO:<r999@example.org>\r\nDATA\r\nRSET\r\n"));
}

TEST(Session, Is_unsure_from_the_moment_the_final_dot_may_leave) {
  Session session = session_at_body();
  EXPECT_FALSE(session.outcome_unknown());

  session.final_dot_leaving();  // and the write fails
  EXPECT_TRUE(session.outcome_unknown());
  session.end_of_input();

  EXPECT_EQ(expect_error(session), errc::closed);
  EXPECT_TRUE(session.outcome_unknown());
  EXPECT_EQ(session.transaction().recipients.at(0).decided_at, Stage::rcpt);
}

TEST(Session, Is_sure_that_a_mail_cut_within_its_body_was_not_taken) {
  Session session = session_at_body();

  session.end_of_input();

  EXPECT_EQ(expect_error(session), errc::closed);
  EXPECT_FALSE(session.outcome_unknown());
}

TEST(Session, Hears_a_refusal_after_a_write_that_failed) {
  Session session = session_at_body();

  session.receive("552 5.3.4 too big\r\n");
  const auto done = expect_step<TransactionDone>(session);

  EXPECT_EQ(done.recipients.at(0).code, 552);
  EXPECT_EQ(done.decided_at, Stage::body);
  expect_step<Closed>(session);
}

TEST(Session, Does_not_believe_a_250_that_came_before_the_body_was_whole) {
  Session session = session_at_body();

  session.receive("250 2.0.0 queued\r\n");
  session.body_sent();

  EXPECT_EQ(expect_error(session), errc::unexpected_reply);
  EXPECT_TRUE(session.outcome_unknown());
}

TEST(Session, Does_not_believe_half_a_250_that_came_before_the_body_was_whole) {
  Session session = session_at_body();

  session.receive("25");
  session.body_sent();
  session.receive("0 2.0.0 queued\r\n");

  EXPECT_EQ(expect_error(session), errc::unexpected_reply);
}

TEST(Session, Refuses_plain_bytes_received_during_the_handshake) {
  Options starttls = options();
  starttls.tls = TlsMode::starttls;
  Session session(starttls);
  say(session, hello);
  expect_step<Send>(session);
  say(session, "250-mx\r\n250 STARTTLS\r\n");
  expect_step<Send>(session);
  say(session, "220 go\r\n");
  expect_step<StartTls>(session);

  session.receive("2");

  EXPECT_EQ(expect_error(session), errc::bytes_before_tls);
}

TEST(Session, Gives_the_same_error_for_ever) {
  Session session(options());
  say(session, "554 no\r\n");

  EXPECT_EQ(expect_error(session), errc::greeting_refused);
  session.receive("220 sorry, yes\r\n");
  session.quit();
  EXPECT_EQ(expect_error(session), errc::greeting_refused);
  EXPECT_EQ(session.refusal()->code, 554);
}

TEST(Session, Keeps_the_250_whatever_happens_to_the_line_afterwards) {
  Session session = session_at_body();
  session.body_sent();
  session.receive("250 2.0.0 queued\r\n");
  session.end_of_input();

  EXPECT_TRUE(expect_step<TransactionDone>(session).accepted);
  EXPECT_FALSE(session.outcome_unknown());
  session.quit();
  expect_step<Closed>(session);
  EXPECT_TRUE(session.transaction().accepted);
}

TEST(Session, Notices_a_server_that_left_while_idle) {
  Session session = ready_session();

  session.end_of_input();

  EXPECT_EQ(expect_error(session), errc::closed);
}

TEST(Session, Says_no_quit_in_the_middle_of_a_transaction) {
  Session session = session_at_body();

  session.quit();

  expect_step<Closed>(session);
}

TEST(Session, Says_quit_instead_of_rset_when_told_so) {
  Session session = ready_session();
  ASSERT_TRUE(session.begin_probe("bob@example.com"));
  expect_step<Send>(session);
  say(session, "550 5.7.1 not you\r\n");
  EXPECT_FALSE(expect_step<TransactionDone>(session).accepted);

  session.quit();

  EXPECT_EQ(expect_step<Send>(session).bytes, "QUIT\r\n");
}

TEST(Session, Escapes_and_bounds_the_words_of_a_recipient) {
  Session session = ready_session();
  ASSERT_TRUE(session.begin(mail_to(1)));
  expect_step<Send>(session);
  say(session, "250 ok\r\n550 \x1b[2J" + std::string(5000, 'x') + "\r\n554 no\r\n");

  const auto done = expect_step<TransactionDone>(session);

  EXPECT_TRUE(done.recipients.at(0).words.starts_with("550 \\x1b[2J"));
  EXPECT_LE(done.recipients.at(0).words.size(), 600U);
}

TEST(Session, Refuses_a_name_that_would_be_a_second_command) {
  Options bad = options();
  bad.ehlo_name = "a\r\nQUIT";
  Session session(bad);

  EXPECT_EQ(expect_error(session), errc::bad_address);
}

TEST(Session, Drops_the_credential_once_logged_in_and_marks_its_line_secret) {
  Options with_login = options();
  with_login.login = PasswordLogin{"bob", Secret("secret")};
  Session session(with_login);
  say(session, hello);
  EXPECT_FALSE(expect_step<Send>(session).secret);
  say(session, "250-mx\r\n250 AUTH PLAIN\r\n");
  EXPECT_TRUE(expect_step<Send>(session).secret);
  say(session, "235 ok\r\n");

  expect_step<Ready>(session);

  EXPECT_TRUE(session.ready());
  EXPECT_EQ(session.auth_challenge(), "");
}

}  // namespace
}  // namespace postern::smtp
