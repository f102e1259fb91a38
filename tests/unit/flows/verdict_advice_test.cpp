// What Exchange, Gmail and the RFCs' codes say, word for word, and what people are told to do.
#include "flows/verdict_advice.hpp"

#include "flows/verdict_sender.hpp"
#include "imap/errc.hpp"
#include "pop3/errc.hpp"
#include "smtp/error.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

struct Case {
  error_code code;
  const char* words;
  Outcome outcome;
  const char* hint_has;
  const char* field;
};

void expect_all(std::initializer_list<Case> cases, Direction direction) {
  for (const auto& each : cases) {
    const auto verdict = judge(Error{each.code, each.words}, direction, "login");

    EXPECT_EQ(verdict.outcome, each.outcome) << each.words;
    EXPECT_NE(verdict.hint.find(each.hint_has), std::string::npos)
        << each.words << "\n  " << verdict.hint;
    EXPECT_EQ(verdict.field, each.field) << each.words;
  }
}

TEST(Advice, Names_what_an_exchange_administrator_must_do_for_smtp) {
  using smtp::errc;
  expect_all(
      {
          {errc::auth_refused,
           "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
           "Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. "
           "[FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]",
           Outcome::auth_rejected, "whole organisation", "/outgoing/auth"},
          {errc::auth_refused,
           "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
           "Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.",
           Outcome::auth_rejected, "this mailbox", "/outgoing/auth"},
          {errc::auth_refused,
           "535 5.7.139 Authentication unsuccessful, user is locked by your organization's "
           "security defaults policy. Contact your administrator.",
           Outcome::auth_rejected, "security defaults", "/outgoing/auth/method"},
          {errc::auth_refused,
           "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be "
           "authenticated successfully. Contact your administrator.",
           Outcome::auth_rejected, "Conditional Access", "/outgoing/auth"},
          {errc::auth_refused,
           "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
           Outcome::auth_rejected, "choose OAuth 2.0", "/outgoing/auth/method"},
          {errc::auth_refused, "535 5.7.3 Authentication unsuccessful [host.prod.outlook.com]",
           Outcome::auth_rejected, "refused name or password", "/outgoing/auth/password"},
          {errc::auth_deferred,
           "430 4.2.0 STOREDRV; mailbox logon failure; failure type is "
           "ConnectionFailedTransientException",
           Outcome::throttled, "service principal", "/outgoing/auth/username"},
          {errc::auth_deferred,
           "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/x",
           Outcome::throttled, "no more connections", ""},
          {errc::auth_deferred, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
           Outcome::throttled, "no more connections", ""},
      },
      Direction::outgoing);
}

TEST(Advice, Tells_a_refused_mailbox_from_a_refused_login_at_exchange) {
  using imap::errc;
  expect_all(
      {
          {errc::not_connected, "User is authenticated but not connected.", Outcome::throttled,
           "full access", "/incoming/auth/username"},
          {errc::login_refused, "AUTHENTICATE failed.", Outcome::auth_rejected,
           "refused name or password", "/incoming/auth/password"},
          {errc::throttled, "Request is throttled. Suggested Backoff Time: 299961 milliseconds",
           Outcome::throttled, "patience", ""},
          {errc::session_expired, "Session invalidated - AccessTokenExpired", Outcome::transient,
           "new one follows", ""},
      },
      Direction::incoming);
}

TEST(Advice, Names_what_a_person_must_do_for_gmail) {
  expect_all(
      {
          {imap::errc::login_needs_person,
           "[WEBALERT https://accounts.google.com/signin/continue?x=1] Web login required.",
           Outcome::auth_rejected, "open the address", "/incoming/auth"},
          {imap::errc::login_refused,
           "[ALERT] Please log in via your web browser: "
           "https://support.google.com/mail/accounts/answer/78754 (Failure)",
           Outcome::auth_rejected, "open the address", "/incoming/auth"},
          {imap::errc::login_refused,
           "[ALERT] Application-specific password required: "
           "https://support.google.com/accounts/answer/185833 (Failure)",
           Outcome::auth_rejected, "app password", "/incoming/auth/password"},
          {imap::errc::login_refused,
           "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings "
           "page and enable your account for IMAP access. (Failure)",
           Outcome::auth_rejected, "switch it on", "/incoming/auth"},
          {imap::errc::over_quota, "[OVERQUOTA] Account exceeded command or bandwidth limits.",
           Outcome::throttled, "more data today", ""},
          {imap::errc::login_refused, "[ALERT] Too many simultaneous connections. (Failure)",
           Outcome::throttled, "no more connections", ""},
      },
      Direction::incoming);
  expect_all(
      {
          {smtp::errc::auth_refused,
           "534 5.7.9 Application-specific password required. Learn more at "
           "https://support.google.com/mail/?p=InvalidSecondFactor",
           Outcome::auth_rejected, "app password", "/outgoing/auth/password"},
          {smtp::errc::auth_refused,
           "534 5.7.14 Please log in via your web browser and then try again.",
           Outcome::auth_rejected, "open the address", "/outgoing/auth"},
          {smtp::errc::auth_deferred, "454 4.7.0 Too many login attempts, please try again later.",
           Outcome::throttled, "patience", ""},
          {smtp::errc::auth_refused, "530 5.7.0 Must issue a STARTTLS command first.",
           Outcome::auth_rejected, "starttls", "/outgoing/security"},
      },
      Direction::outgoing);
}

TEST(Advice, Knows_the_codes_of_rfc_5530) {
  using imap::errc;
  expect_all(
      {
          {errc::login_needs_person, "[EXPIRED] That password isn't valid any more",
           Outcome::auth_rejected, "run out", "/incoming/auth/password"},
          {errc::login_needs_person, "[PRIVACYREQUIRED] Connection offers no privacy",
           Outcome::auth_rejected, "\"tls\"", "/incoming/security"},
          {errc::login_needs_person, "[AUTHORIZATIONFAILED] No such authorization-ID",
           Outcome::auth_rejected, "act for this user name", "/incoming/auth/username"},
          {errc::login_unavailable, "[CONTACTADMIN] Please ask your administrator",
           Outcome::throttled, "administrator", ""},
          {errc::login_unavailable, "[UNAVAILABLE] User's backend down for maintenance",
           Outcome::throttled, "tried again", ""},
          {errc::login_unavailable, "[INUSE] Mailbox in use", Outcome::throttled, "tried again",
           ""},
          {errc::login_unavailable, "[SERVERBUG] This should not happen", Outcome::throttled,
           "tried again", ""},
      },
      Direction::incoming);
}

smtp::TransactionDone refusal(int code, std::string enhanced, std::string text) {
  smtp::TransactionDone done;
  done.reply.code = code;
  done.reply.enhanced_code = std::move(enhanced);
  done.reply.lines.push_back(std::move(text));
  done.decided_at = smtp::Stage::end_of_data;
  return done;
}

TEST(Advice, Tells_a_full_mailbox_from_a_day_s_quota) {
  const auto full = judge_sender(refusal(
      554, "5.2.2", "mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiEx"));
  const auto quota = judge_sender(refusal(
      554, "5.2.0", "STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed"));

  ASSERT_TRUE(full && quota);
  EXPECT_NE(full->hint.find("mailbox is full"), std::string::npos) << full->hint;
  EXPECT_NE(quota->hint.find("limit for this account"), std::string::npos) << quota->hint;
  EXPECT_EQ(full->outcome, Outcome::throttled);
  EXPECT_EQ(quota->outcome, Outcome::throttled);
}

TEST(Advice, Calls_a_refused_sender_by_its_name_also_after_data) {
  for (const auto* words :
       {"554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "554 5.2.0 "
        "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied"}) {
    const auto done = refusal(550, "", words);

    const auto outcome = judge_transaction(done, Instant{}, false);

    EXPECT_EQ(outcome.result_code, static_cast<int>(ResultCode::sender_refused)) << words;
    EXPECT_FALSE(outcome.retryable) << words;
    EXPECT_FALSE(judge_sender(done)) << "the account's other mail goes on: " << words;
  }
  const auto content = judge_transaction(refusal(554, "5.7.1", "Spam"), Instant{}, false);
  EXPECT_EQ(content.result_code, static_cast<int>(ResultCode::content_refused));
}

TEST(Advice, Speaks_of_no_password_where_a_token_was_refused) {
  for (const auto direction : {Direction::incoming, Direction::outgoing}) {
    const Error error = direction == Direction::incoming
                            ? Error{imap::errc::login_refused, "AUTHENTICATE failed."}
                            : Error{smtp::errc::auth_refused, "535 5.7.3 unsuccessful"};
    const auto judged = judge(error, direction, "login");

    const auto token = for_method(judged, AuthMethod::oauth2, direction);
    const auto password = for_method(judged, AuthMethod::password, direction);

    EXPECT_EQ(token.hint.find("password"), std::string::npos) << token.hint;
    EXPECT_TRUE(token.field.ends_with("/auth/username"));
    EXPECT_EQ(password.hint, judged.hint);
    EXPECT_EQ(password.field, judged.field);
  }
}

}  // namespace
}  // namespace postern::flows
