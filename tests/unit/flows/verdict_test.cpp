// The whole error policy as a table: what each error means for the schedule, the caller, people.
#include "flows/verdict.hpp"

#include "imap/errc.hpp"
#include "net/env.hpp"
#include "smtp/error.hpp"
#include "storage/errc.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

struct NetCase {
  net::errc code;
  ResultCode result;
  const char* field;
};

TEST(Verdict, Gives_each_network_error_its_result_code_and_field) {
  const NetCase cases[] = {
      {net::errc::resolve_failed, ResultCode::dns, "/outgoing/host"},
      {net::errc::resolve_timeout, ResultCode::dns, "/outgoing/host"},
      {net::errc::refused, ResultCode::unreachable, "/outgoing/port"},
      {net::errc::egress_denied, ResultCode::unreachable, "/outgoing/host"},
      {net::errc::connect_timeout, ResultCode::connect_timeout, "/outgoing/host"},
      {net::errc::tls_handshake, ResultCode::tls_handshake, "/outgoing/security"},
      {net::errc::tls_not_spoken, ResultCode::tls_handshake, "/outgoing/security"},
      {net::errc::certificate_untrusted, ResultCode::certificate, "/outgoing/tls/ca_pem"},
      {net::errc::certificate_expired, ResultCode::certificate, "/outgoing/host"},
      {net::errc::certificate_name, ResultCode::certificate, "/outgoing/host"},
      {net::errc::certificate_pin, ResultCode::certificate, "/outgoing/tls/pinned_sha256"},
  };
  for (const auto& each : cases) {
    const auto verdict = judge(Error{each.code, ""}, Direction::outgoing, "tcp");

    EXPECT_EQ(verdict.result_code, each.result) << describe(Error{each.code, ""});
    EXPECT_EQ(verdict.field, each.field);
    EXPECT_FALSE(verdict.hint.empty());
    EXPECT_EQ(verdict.outcome, Outcome::transient);
    EXPECT_EQ(verdict.kind, "smtp.connection_failed");
  }
}

TEST(Verdict, Calls_a_lost_line_while_fetching_a_failed_download) {
  const Error error{net::errc::timeout, ""};

  EXPECT_EQ(judge(error, Direction::incoming, "fetch").kind, "imap.download_failed");
  EXPECT_EQ(judge(error, Direction::incoming, "tcp").kind, "imap.connection_failed");
}

TEST(Verdict, Tells_a_refused_login_from_a_login_that_is_not_possible_now) {
  const auto refused = judge(Error{imap::errc::login_refused, ""}, Direction::incoming, "login");
  const auto busy = judge(Error{imap::errc::login_unavailable, ""}, Direction::incoming, "login");

  EXPECT_EQ(refused.outcome, Outcome::auth_rejected);
  EXPECT_EQ(refused.kind, "imap.login_failed");
  EXPECT_EQ(refused.field, "/incoming/auth/password");
  EXPECT_EQ(busy.outcome, Outcome::throttled);
}

TEST(Verdict, Gives_each_smtp_error_its_result_code) {
  const std::pair<smtp::errc, ResultCode> cases[] = {
      {smtp::errc::not_smtp, ResultCode::not_smtp},
      {smtp::errc::greeting_refused, ResultCode::unreachable},
      {smtp::errc::starttls_not_offered, ResultCode::starttls_not_offered},
      {smtp::errc::bytes_before_tls, ResultCode::starttls_not_offered},
      {smtp::errc::no_mechanism, ResultCode::no_mechanism},
      {smtp::errc::auth_refused, ResultCode::login_refused},
      {smtp::errc::auth_deferred, ResultCode::login_deferred},
      {smtp::errc::malformed_reply, ResultCode::not_smtp},
      {smtp::errc::too_large, ResultCode::content_refused},
      {smtp::errc::nul_in_message, ResultCode::content_refused},
  };
  for (const auto& [code, result] : cases) {
    EXPECT_EQ(judge(Error{code, ""}, Direction::outgoing, "login").result_code, result)
        << describe(Error{code, ""});
  }
}

TEST(Verdict, Blames_the_store_by_name) {
  const auto verdict = judge(Error{storage::errc::disk_full, ""}, Direction::incoming, "fetch");

  EXPECT_EQ(verdict.kind, "imap.import_failed");
  EXPECT_NE(verdict.hint.find("data directory"), std::string::npos);
}

smtp::RecipientStatus recipient(const char* address, int code, smtp::Stage stage) {
  smtp::RecipientStatus status;
  status.address = address;
  status.code = code;
  status.accepted = code / 100 == 2;
  status.decided_at = stage;
  return status;
}

smtp::TransactionDone transaction(int code, smtp::Stage stage,
                                  std::vector<smtp::RecipientStatus> recipients) {
  smtp::TransactionDone done;
  done.accepted = code == 250 && stage == smtp::Stage::end_of_data;
  done.reply.code = code;
  done.decided_at = stage;
  done.recipients = std::move(recipients);
  return done;
}

constexpr Instant later{Duration(1'000'000)};

TEST(Judge_transaction, Calls_a_mail_sent_only_with_its_own_250) {
  const auto done = transaction(250, smtp::Stage::end_of_data,
                                {recipient("a@example.com", 250, smtp::Stage::end_of_data)});

  const auto outcome = judge_transaction(done, later, false);

  EXPECT_EQ(outcome.state, DeliveryState::sent);
  EXPECT_EQ(outcome.result_code, 0);
  EXPECT_FALSE(outcome.next_attempt_at);
}

TEST(Judge_transaction, Lists_who_was_refused_when_others_were_not) {
  const auto done = transaction(250, smtp::Stage::end_of_data,
                                {recipient("a@example.com", 250, smtp::Stage::end_of_data),
                                 recipient("b@example.com", 550, smtp::Stage::rcpt)});

  const auto outcome = judge_transaction(done, later, false);

  EXPECT_EQ(outcome.state, DeliveryState::sent);
  EXPECT_EQ(outcome.result_code, 52);
  ASSERT_EQ(outcome.recipients.size(), 2U);
  EXPECT_EQ(outcome.recipients[0].result_code, 0);
  EXPECT_EQ(outcome.recipients[1].result_code, 51);
}

TEST(Judge_transaction, Tries_a_temporary_refusal_again_until_its_time_is_up) {
  const auto done =
      transaction(451, smtp::Stage::rcpt, {recipient("a@example.com", 451, smtp::Stage::rcpt)});

  const auto first = judge_transaction(done, later, false);
  const auto last = judge_transaction(done, later, true);

  EXPECT_EQ(first.state, DeliveryState::queued);
  EXPECT_EQ(first.next_attempt_at, later);
  EXPECT_TRUE(first.retryable);
  EXPECT_EQ(last.state, DeliveryState::failed);
  EXPECT_EQ(last.result_code, 54);
  EXPECT_TRUE(last.retryable);
}

TEST(Judge_transaction, Waits_for_those_who_were_refused_for_now_beside_the_others) {
  const auto done = transaction(250, smtp::Stage::end_of_data,
                                {recipient("a@example.com", 250, smtp::Stage::end_of_data),
                                 recipient("b@example.com", 450, smtp::Stage::rcpt)});

  const auto first = judge_transaction(done, later, false);
  const auto last = judge_transaction(done, later, true);

  EXPECT_EQ(first.state, DeliveryState::queued);
  EXPECT_EQ(first.smtp_code, 450);
  EXPECT_EQ(first.recipients[0].result_code, 0);
  EXPECT_EQ(first.recipients[1].result_code, 1);
  EXPECT_EQ(last.state, DeliveryState::sent);
  EXPECT_EQ(last.result_code, 52);
  EXPECT_EQ(last.recipients[1].result_code, 54);
}

TEST(Judge_transaction, Names_who_refused) {
  const auto rejected = [](smtp::Stage stage) {
    const auto done = transaction(550, stage, {recipient("a@example.com", 550, stage)});
    return judge_transaction(done, later, false);
  };

  EXPECT_EQ(rejected(smtp::Stage::mail).result_code, 50);
  EXPECT_EQ(rejected(smtp::Stage::rcpt).result_code, 51);
  EXPECT_EQ(rejected(smtp::Stage::data).result_code, 53);
  EXPECT_EQ(rejected(smtp::Stage::end_of_data).result_code, 53);
  EXPECT_EQ(rejected(smtp::Stage::rcpt).state, DeliveryState::failed);
  EXPECT_FALSE(rejected(smtp::Stage::rcpt).retryable);
}

}  // namespace
}  // namespace postern::flows
