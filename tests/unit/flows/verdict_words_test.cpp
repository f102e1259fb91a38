// What servers say when they have had enough, as they say it.
#include "flows/verdict_words.hpp"

#include "flows/limits.hpp"
#include "flows/verdict.hpp"
#include "imap/errc.hpp"
#include "net/env.hpp"
#include "smtp/error.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;

struct WordsCase {
  const char* words;
  Plea plea;
};

TEST(Plea_in, Knows_the_words_of_the_servers_there_are) {
  const WordsCase cases[] = {
      {"[UNAVAILABLE] Maximum number of connections from user+IP exceeded "
       "(mail_max_userip_connections=10)",
       Plea::fewer_connections},
      {"[ALERT] Too many simultaneous connections. (Failure)", Plea::fewer_connections},
      {"421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1",
       Plea::fewer_connections},
      {"432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending",
       Plea::fewer_connections},
      {"432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Plea::fewer_connections},
      {"[LIMIT] Rate limit hit.", Plea::patience},
      {"Request is throttled. Suggested Backoff Time: 299961 milliseconds", Plea::patience},
      {"[OVERQUOTA] Account exceeded command or bandwidth limits.", Plea::patience},
      {"[LOGIN-DELAY] minimum time between mail checks violation", Plea::patience},
      {"[AUTHENTICATIONFAILED] Invalid credentials (Failure)", Plea::none},
      {"535 5.7.8 Error: authentication failed", Plea::none},
      {"", Plea::none},
  };
  for (const auto& each : cases) EXPECT_EQ(plea_in(each.words), each.plea) << each.words;
}

TEST(Verdict, Never_takes_a_server_that_is_full_for_a_wrong_password) {
  const char* words = "[LIMIT] Maximum number of connections from user+IP exceeded";
  for (const auto code : {imap::errc::login_refused, imap::errc::login_unavailable,
                          imap::errc::greeting_bye, imap::errc::bye}) {
    const auto verdict = judge(Error{code, words}, Direction::incoming, "login");

    EXPECT_EQ(verdict.outcome, Outcome::throttled);
    EXPECT_EQ(verdict.kind, "imap.connection_failed");
    EXPECT_EQ(verdict.field, "");
    EXPECT_TRUE(verdict.too_many_connections);
    EXPECT_FALSE(verdict.hint.empty());
  }
  const auto smtp = judge(Error{smtp::errc::service_closing, "421 4.7.0 too many connections"},
                          Direction::outgoing, "greeting");
  EXPECT_EQ(smtp.outcome, Outcome::throttled);
  EXPECT_EQ(smtp.result_code, ResultCode::rate_limited);
}

TEST(Verdict, Takes_no_ones_words_for_the_networks_or_a_mails_own_fault) {
  EXPECT_EQ(
      judge(Error{net::errc::refused, "too many connections"}, Direction::incoming, "tcp").outcome,
      Outcome::transient);
  EXPECT_EQ(judge(Error{smtp::errc::too_large, "rate limit"}, Direction::outgoing, "data").outcome,
            Outcome::rejected);
}

TEST(Pause_after, Is_what_the_server_stated_up_to_our_own_longest) {
  const auto stated = [](const char* words) {
    return judge(Error{imap::errc::throttled, words}, Direction::incoming, "login");
  };

  const auto asked = stated("Request is throttled. Suggested Backoff Time: 299961 milliseconds");
  EXPECT_EQ(pause_after(asked, 7, 0), 299961ms);
  const auto long_time =
      stated("Request is throttled. Suggested Backoff Time: 7200000 milliseconds");
  EXPECT_EQ(pause_after(long_time, 1, 0), limits::throttled_max);
  const auto no_time = stated("Request is throttled.");
  EXPECT_GE(pause_after(no_time, 1, 0), limits::throttled_first * 8 / 10);
  EXPECT_LE(pause_after(no_time, 1, 400), limits::throttled_first * 12 / 10);
  EXPECT_LE(pause_after(no_time, 50, 400), limits::throttled_max);
}

TEST(Pause_after, Is_longer_after_a_refused_login_than_after_a_cut_line) {
  const auto login = judge(Error{imap::errc::login_refused, ""}, Direction::incoming, "login");
  const auto line = judge(Error{net::errc::reset, ""}, Direction::incoming, "login");

  EXPECT_GT(pause_after(login, 1, 200), pause_after(line, 1, 200));
}

}  // namespace
}  // namespace postern::flows
