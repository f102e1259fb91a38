// Relay and append: what the servers' answers mean, per recipient; and the pause of a target.
#include "flows/target_imap.hpp"
#include "flows/target_pause.hpp"
#include "flows/target_smtp.hpp"
#include "imap/errc.hpp"
#include "smtp/error.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using enum TargetFate;
using std::chrono::seconds;

smtp::RecipientStatus recipient(const char* address, int code) {
  smtp::RecipientStatus status;
  status.address = address;
  status.accepted = code / 100 == 2;
  status.code = code;
  status.words = std::to_string(code) + " words";
  return status;
}

smtp::TransactionDone ended(int code, std::vector<smtp::RecipientStatus> recipients) {
  smtp::TransactionDone done;
  done.accepted = code / 100 == 2;
  done.reply.code = code;
  done.recipients = std::move(recipients);
  return done;
}

TEST(Relay, Is_taken_when_all_recipients_have_it) {
  const auto answer = judge_relay({}, ended(250, {recipient("a@x", 250), recipient("b@x", 250)}));
  EXPECT_EQ(answer.fate, taken);
  EXPECT_EQ(relay_progress(*answer.progress).accepted.size(), 2U);
}

TEST(Relay, Is_taken_with_a_word_on_those_who_were_refused) {
  const auto answer = judge_relay({}, ended(250, {recipient("a@x", 250), recipient("b@x", 550)}));
  EXPECT_EQ(answer.fate, taken);
  EXPECT_EQ(answer.complaint, "taken, but not for b@x: 550 words");
}

TEST(Relay, Goes_on_with_those_who_were_put_off_alone) {
  const auto answer = judge_relay(
      {}, ended(250, {recipient("a@x", 250), recipient("b@x", 450), recipient("c@x", 550)}));
  EXPECT_EQ(answer.fate, put_off);
  const auto progress = relay_progress(*answer.progress);
  EXPECT_EQ(recipients_left({"a@x", "b@x", "c@x"}, progress), std::vector<std::string>{"b@x"});

  const auto second = judge_relay(progress, ended(250, {recipient("b@x", 250)}));

  EXPECT_EQ(second.fate, taken);
  EXPECT_TRUE(recipients_left({"a@x", "b@x", "c@x"}, relay_progress(*second.progress)).empty());
}

TEST(Relay, Is_refused_when_nobody_will_ever_have_it) {
  EXPECT_EQ(judge_relay({}, ended(550, {recipient("a@x", 550), recipient("b@x", 551)})).fate,
            refused);
  // The end of DATA: the recipients were welcome, the mail is not.
  auto done = ended(554, {recipient("a@x", 250)});
  EXPECT_EQ(judge_relay({}, done).fate, refused);
}

TEST(Relay, Is_put_off_by_a_temporary_refusal_of_the_mail) {
  EXPECT_EQ(judge_relay({}, ended(451, {recipient("a@x", 250)})).fate, put_off);
  EXPECT_EQ(judge_relay({}, ended(450, {recipient("a@x", 450)})).fate, put_off);
}

TEST(Relay, Errors_are_the_mails_the_servers_or_open) {
  const auto fate = [](const Error& error, std::string_view step, bool unknown = false) {
    return judge_relay_error(error, step, unknown).fate;
  };
  EXPECT_EQ(fate(Error{smtp::errc::nul_in_message, ""}, "data"), refused);
  EXPECT_EQ(fate(Error{smtp::errc::smtputf8_not_offered, ""}, "mail_from"), refused);
  EXPECT_EQ(fate(Error{net::errc::refused, ""}, "tcp"), put_off);
  EXPECT_EQ(fate(Error{net::errc::timeout, ""}, "data", true), put_off);
  EXPECT_NE(judge_relay_error(Error{net::errc::timeout, ""}, "data", true)
                .words.find("may have been taken"),
            std::string::npos);
}

TEST(Relay, Knows_its_own_mark) {
  EXPECT_TRUE(carries_loop_mark("A: b\r\nX-Postern-Loop: me.example\r\n\r\nbody", "me.example"));
  EXPECT_FALSE(carries_loop_mark("X-Postern-Loop: you.example\r\n\r\nbody", "me.example"));
  EXPECT_FALSE(carries_loop_mark("A: b\r\n\r\nX-Postern-Loop: me.example\r\n", "me.example"));
}

TEST(RelayProgress, That_cannot_be_read_is_nothing) {
  for (const char* text : {"", "{", "[]", "7", R"({"accepted":7,"refused":[1]})"}) {
    const auto progress = relay_progress(text);
    EXPECT_TRUE(progress.accepted.empty() && progress.refused.empty()) << text;
  }
}

TEST(Append, Errors_are_the_mails_or_the_servers) {
  const auto fate = [](imap::errc code) {
    return judge_append_error(Error{code, ""}, "append").fate;
  };
  EXPECT_EQ(fate(imap::errc::too_large), refused);
  EXPECT_EQ(fate(imap::errc::over_quota), paused);
  EXPECT_EQ(fate(imap::errc::no_permission), paused);
  EXPECT_EQ(fate(imap::errc::login_refused), paused);
  EXPECT_EQ(fate(imap::errc::connection_closed), put_off);
  EXPECT_EQ(fate(imap::errc::unavailable), put_off);
}

TEST(TargetPause, Begins_with_the_third_failure_in_a_row_and_ends_with_a_success) {
  TargetPause pause;
  pause.failed(seconds(0), false, Duration(0), 1);
  pause.failed(seconds(1), false, Duration(0), 1);
  EXPECT_FALSE(pause.broken());
  pause.failed(seconds(2), false, Duration(0), 1);
  EXPECT_TRUE(pause.broken());
  EXPECT_GE(pause.left(seconds(2)), seconds(4));
  EXPECT_LE(pause.left(seconds(2)), seconds(6));
  EXPECT_EQ(pause.left(seconds(60)), Duration(0));
  EXPECT_TRUE(pause.broken()) << "until one is taken";

  pause.well();

  EXPECT_FALSE(pause.broken());
  EXPECT_EQ(pause.left(seconds(2)), Duration(0));
}

TEST(TargetPause, Grows_to_a_minute_at_most) {
  TargetPause pause;
  Duration now(0);
  for (int i = 0; i < 40; ++i) {
    pause.failed(now, true, Duration(0), static_cast<std::uint64_t>(i));
    EXPECT_LE(pause.left(now), TargetPause::longest);
    now += pause.left(now);
  }
  pause.failed(now, true, Duration(0), 7);
  EXPECT_GE(pause.left(now), seconds(40));
}

TEST(TargetPause, Counts_those_that_fail_side_by_side_as_one) {
  TargetPause pause;
  for (int i = 0; i < 20; ++i) pause.failed(seconds(0), true, Duration(0), 1);
  EXPECT_LE(pause.left(seconds(0)), seconds(6));
}

TEST(TargetPause, Is_as_long_as_the_target_asks_for_but_no_longer_than_a_quarter_of_an_hour) {
  TargetPause pause;
  pause.failed(seconds(0), true, seconds(120), 1);
  EXPECT_EQ(pause.left(seconds(0)), seconds(120));
  pause.failed(seconds(0), true, std::chrono::hours(5), 1);
  EXPECT_EQ(pause.left(seconds(0)), TargetPause::longest_asked);
}

}  // namespace
}  // namespace postern::flows
