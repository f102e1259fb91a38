// What the SMTP engine's errors and a server's refusals mean.
#include "flows/verdict_advice.hpp"
#include "flows/verdict_tables.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

Verdict make(Outcome outcome, ResultCode result, const char* event, const char* hint,
             const char* field) {
  Verdict verdict;
  verdict.outcome = outcome;
  verdict.result_code = result;
  verdict.kind = std::string("smtp.") + event;
  verdict.hint = hint;
  verdict.field = field;
  return verdict;
}

}  // namespace

Verdict judge_smtp(smtp::errc code) {
  using smtp::errc;
  switch (code) {
    case errc::not_smtp:
      return make(Outcome::transient, ResultCode::not_smtp, "connection_failed",
                  "Another kind of server answers there: check host and port.", "/outgoing/port");
    case errc::greeting_refused:
    case errc::service_closing:
      return make(Outcome::transient, ResultCode::unreachable, "connection_failed",
                  "The server turned the connection away; it is tried again.", "");
    case errc::starttls_not_offered:
    case errc::starttls_refused:
    case errc::bytes_before_tls:
      return make(
          Outcome::transient, ResultCode::starttls_not_offered, "connection_failed",
          "STARTTLS can't be had on this port; use security \"tls\", usually with port 465.",
          "/outgoing/security");
    case errc::plaintext_auth_refused:
      return make(Outcome::auth_rejected, ResultCode::no_mechanism, "login_failed",
                  "The password is not sent over an unprotected line; use security \"starttls\" or "
                  "\"tls\", or set tls.allow_plain_password.",
                  "/outgoing/security");
    case errc::no_mechanism:
      return make(Outcome::auth_rejected, ResultCode::no_mechanism, "login_failed",
                  "The server offers no login of this kind here; check port, security and method.",
                  "/outgoing/auth/method");
    case errc::auth_refused:
      return make(Outcome::auth_rejected, ResultCode::login_refused, "login_failed",
                  "The server refused name or password. Some providers want an app password or "
                  "OAuth 2.0.",
                  "/outgoing/auth/password");
    case errc::auth_deferred:
      return make(Outcome::throttled, ResultCode::login_deferred, "login_failed",
                  "The server can't check logins right now; it is tried again.", "");
    case errc::malformed_reply:
    case errc::reply_too_long:
    case errc::unexpected_reply:
      return make(Outcome::transient, ResultCode::not_smtp, "connection_failed",
                  "The server said something that is not SMTP; the line was dropped.",
                  "/outgoing/port");
    case errc::closed:
      return make(Outcome::transient, ResultCode::unreachable, "connection_failed",
                  "The server ended the connection; it is tried again.", "");
    case errc::too_large:
      return make(Outcome::rejected, ResultCode::content_refused, "delivery_failed",
                  "The mail is larger than the server takes.", "/attachments");
    case errc::smtputf8_not_offered:
    case errc::bad_address:
      return make(Outcome::rejected, ResultCode::all_recipients_refused, "delivery_failed",
                  "An address can't be sent to this server.", "/to");
    case errc::nul_in_message:
      return make(Outcome::rejected, ResultCode::content_refused, "delivery_failed",
                  "The mail holds a NUL, which SMTP can't carry.", "");
    case errc::require_tls_not_offered:
      return make(Outcome::rejected, ResultCode::content_refused, "delivery_failed",
                  "The mail demands TLS all the way, and the server promises none (REQUIRETLS).",
                  "/require_tls");
    case errc::eight_bit_not_offered:
      return make(Outcome::rejected, ResultCode::content_refused, "delivery_failed",
                  "The server takes 7-bit text only (no 8BITMIME), and this mail can't be "
                  "re-encoded: sign it in a 7-bit encoding.",
                  "");
    case errc::chunk_not_understood:
      return make(Outcome::transient, ResultCode::not_smtp, "connection_failed",
                  "The server offers CHUNKING and does not know it; it is tried again without.",
                  "");
  }
  return {};
}

namespace {

/// RFC 5321's reply as a result code, by the stage that it decided. 4yz: a temporary refusal.
ResultCode code_of(int code, smtp::Stage stage, bool ended) {
  if (code / 100 == 2) return ResultCode::sent;
  if (code / 100 == 4 && !ended) return ResultCode::queued;
  if (code / 100 == 4) return ResultCode::retries_ended;
  switch (stage) {
    case smtp::Stage::mail:
      return ResultCode::sender_refused;
    case smtp::Stage::rcpt:
      return ResultCode::all_recipients_refused;
    case smtp::Stage::greeting:
    case smtp::Stage::ehlo:
    case smtp::Stage::starttls:
    case smtp::Stage::auth:
    case smtp::Stage::data:
    case smtp::Stage::body:
    case smtp::Stage::end_of_data:
    case smtp::Stage::reset:
    case smtp::Stage::quit:
      return ResultCode::content_refused;
  }
  return ResultCode::internal;
}

RecipientResult result_of(const smtp::RecipientStatus& status, bool ended) {
  RecipientResult result;
  result.address = status.address;
  result.smtp_code = status.code;
  result.enhanced_code = status.enhanced_code;
  result.message = status.words;
  result.result_code = static_cast<int>(
      status.accepted ? ResultCode::sent : code_of(status.code, status.decided_at, ended));
  return result;
}

}  // namespace

DeliveryOutcome judge_transaction(const smtp::TransactionDone& done, Instant retry_at, bool ended) {
  DeliveryOutcome outcome;
  outcome.smtp_code = done.reply.code;
  outcome.enhanced_code = done.reply.enhanced_code;
  outcome.result_message = done.reply.words();
  for (const auto& status : done.recipients) {
    outcome.recipients.push_back(result_of(status, ended));
  }
  const auto has = [&](auto test) {
    return std::any_of(done.recipients.begin(), done.recipients.end(), test);
  };
  const bool temporary = has([](const auto& r) { return !r.accepted && r.code / 100 == 4; }) ||
                         (!done.accepted && done.reply.transient());
  if (temporary && !ended) {
    outcome.state = DeliveryState::queued;
    outcome.result_code = static_cast<int>(ResultCode::queued);
    outcome.retryable = true;
    outcome.next_attempt_at = retry_at;
    for (const auto& recipient : outcome.recipients) {
      if (!done.accepted || recipient.smtp_code / 100 != 4) continue;
      // Others got it: what is told is why this one still waits.
      outcome.smtp_code = recipient.smtp_code;
      outcome.enhanced_code = recipient.enhanced_code;
      outcome.result_message = recipient.message;
      break;
    }
    return outcome;
  }
  if (done.accepted) {
    const bool any_refused = has([](const auto& r) { return !r.accepted; });
    outcome.state = DeliveryState::sent;
    outcome.result_code =
        static_cast<int>(any_refused ? ResultCode::some_recipients_refused : ResultCode::sent);
    return outcome;
  }
  outcome.state = DeliveryState::failed;
  auto code =
      temporary ? ResultCode::retries_ended : code_of(done.reply.code, done.decided_at, true);
  if (code == ResultCode::content_refused && refuses_sender(outcome.result_message)) {
    code = ResultCode::sender_refused;
  }
  outcome.result_code = static_cast<int>(code);
  outcome.retryable = retryable(code);
  return outcome;
}

}  // namespace postern::flows
