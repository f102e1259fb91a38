#include "flows/verdict_sender.hpp"

#include "core/asked_wait.hpp"
#include "flows/verdict_advice.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace postern::flows {
namespace {

constexpr Duration quota_pause = std::chrono::hours(1);  // looked at again, within its day
constexpr Duration connections_pause = std::chrono::minutes(1);
constexpr std::size_t words_looked_at = 512;

std::string lower(std::string_view text) {
  std::string result(text.substr(0, words_looked_at));
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

template <std::size_t count>
bool has_any(std::string_view text, const std::array<std::string_view, count>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// Limits of what one account may send. What is said of a recipient's rate is none of these.
constexpr std::array<std::string_view, 10> quota_words = {
    "submissionquotaexceeded",  // Exchange: 554 5.2.0 STOREDRV.Submission.Exception:…
    "sending limit exceeded",   // Gmail: 550 5.4.5 Daily user sending limit exceeded
    "sending quota",            // Gmail: 550 5.4.5 Daily user sending quota exceeded
    "daily smtp relay",         // Gmail: 550 5.4.5 Daily SMTP relay limit exceeded
    "message submission rate",  // Exchange: … for this client has exceeded the limit
    "exceeded the maximum number of messages",
    "exceeded your sending",
    "sending rate limit",
    "outgoing message limit",
    "mailbox full; storedrv",  // Exchange: the Sent folder is full
};
constexpr std::array<std::string_view, 4> connection_words = {
    "concurrent connections limit exceeded",  // Exchange: 432 4.3.2
    "sender thread limit exceeded",           // Exchange
    "too many concurrent smtp connections",
    "too many connections",
};
constexpr std::array<std::string_view, 3> login_words = {
    "client not authenticated",  // Exchange: 530 5.7.57
    "smtpclientauthentication is disabled",
    "must authenticate",
};

Verdict trouble(Outcome outcome, ResultCode code, const char* kind, const char* hint) {
  Verdict made;
  made.outcome = outcome;
  made.result_code = code;
  made.kind = kind;
  made.hint = hint;
  return made;
}

bool is_of_the_login(const smtp::TransactionDone& done, std::string_view text) {
  const int code = done.reply.code;
  if (code == 530 || code == 535 || code == 538) return true;
  return code / 100 == 5 && (has_any(text, login_words) || done.reply.enhanced_code == "5.7.57" ||
                             done.reply.enhanced_code == "5.7.139");
}

}  // namespace

std::optional<Verdict> judge_sender(const smtp::TransactionDone& done) {
  if (done.accepted) return std::nullopt;
  const auto words = done.reply.words();
  const auto text = lower(words);
  std::optional<Verdict> found;
  if (done.reply.enhanced_code == "5.4.5" || has_any(text, quota_words)) {
    found = trouble(Outcome::throttled, ResultCode::rate_limited, "smtp.delivery_failed",
                    "The provider's limit for this account is reached; its mail waits until more "
                    "is let through.");
    found->wait_at_least = quota_pause;
  } else if (has_any(text, connection_words)) {
    found = trouble(Outcome::throttled, ResultCode::rate_limited, "smtp.delivery_failed",
                    "The provider wants fewer connections; lower connections_max.");
    found->wait_at_least = connections_pause;
    found->too_many_connections = true;
  } else if (done.decided_at == smtp::Stage::mail && is_of_the_login(done, text)) {
    found = trouble(Outcome::auth_rejected, ResultCode::login_refused, "smtp.login_failed",
                    "The server does not let this account send as it is; see its words.");
  } else if (done.reply.code == 421) {
    found = trouble(Outcome::transient, ResultCode::unreachable, "smtp.connection_failed",
                    "The server is closing its service; it is tried again.");
  } else if (done.decided_at == smtp::Stage::mail && done.reply.transient()) {
    found = trouble(Outcome::throttled, ResultCode::retries_ended, "smtp.delivery_failed",
                    "The server takes no mail from this account for now; it is tried again.");
  }
  if (found) {
    advise(*found, words, Direction::outgoing);
    if (const auto asked = asked_wait(words)) found->wait_at_least = asked;
  }
  return found;
}

}  // namespace postern::flows
