#include "smtp/auth.hpp"

#include "core/base64.hpp"
#include "core/sasl.hpp"
#include "smtp/words.hpp"

#include <utility>

namespace postern::smtp {
namespace {

std::string offered(const Extensions& extensions) {
  if (extensions.mechanisms.empty()) return "no AUTH is offered";
  std::string names = "offered:";
  for (const auto& mechanism : extensions.mechanisms) names += ' ' + mechanism;
  return shown(names);
}

bool sendable(std::string_view word) {
  return !word.empty() && word.find('\0') == std::string_view::npos;
}

Secret encoded(const Secret& message) {
  return Secret(to_base64(message.reveal()));
}

}  // namespace

Result<std::vector<AuthDialogue::Choice>> AuthDialogue::choices(
    const Extensions& extensions) const {
  std::vector<Choice> found;
  if (const auto* token = std::get_if<TokenLogin>(&login_)) {
    for (const auto& sasl : token->choices) {
      if (!extensions.offers(sasl.mechanism)) continue;
      if (sasl.initial_response.empty()) return Error{errc::no_mechanism, "an empty credential"};
      found.push_back(
          {sasl.mechanism, {encoded(sasl.initial_response)}, to_base64(sasl.failure_answer)});
    }
  }
  if (const auto* login = std::get_if<PasswordLogin>(&login_)) {
    if (!sendable(login->username) || !sendable(login->password.reveal())) {
      return Error{errc::no_mechanism, "the user name or password is empty or holds a NUL"};
    }
    const Secret username(login->username);
    POSTERN_TRY(const Secret plain, sasl::plain(login->username, login->password));
    if (extensions.offers("PLAIN")) found.push_back({"PLAIN", {encoded(plain)}, {}});
    if (extensions.offers("LOGIN")) {
      found.push_back({"LOGIN", {encoded(username), encoded(login->password)}, {}});
    }
  }
  for (const auto& choice : found) {
    for (const auto& response : choice.responses) {
      if (response.reveal().size() + 2 > auth_line_bytes_max) {
        return Error{errc::no_mechanism, "the credential is too long for an AUTH line"};
      }
    }
  }
  return found;
}

Result<std::string> AuthDialogue::start(const Extensions& extensions) {
  POSTERN_TRY(choices_, choices(extensions));
  if (choices_.empty()) return Error{errc::no_mechanism, offered(extensions)};
  return open(choices_.front());
}

/// Only LOGIN never takes an initial response: it has no specification that would allow one.
std::string AuthDialogue::open(const Choice& choice) {
  std::string line = "AUTH " + choice.mechanism;
  const std::string_view first = choice.responses.front().reveal();
  const bool fits = line.size() + 1 + first.size() + 2 <= command_bytes_max;
  responses_sent_ = 0;
  if (fits && choice.mechanism != "LOGIN") {
    line += ' ';
    line += first;
    responses_sent_ = 1;
  }
  return line + "\r\n";
}

Result<std::optional<std::string>> AuthDialogue::take(const Reply& reply) {
  POSTERN_ASSERT(chosen_ < choices_.size());
  const Choice& choice = choices_[chosen_];
  if (reply.code == 334) return prompted(reply);
  if (reply.positive() && responses_sent_ == choice.responses.size() && !failure_answered_) {
    return std::optional<std::string>();
  }
  if (reply.code == 421) return Error{errc::service_closing, reply.words()};
  if (reply.transient()) return Error{errc::auth_deferred, reply.words()};
  if (!reply.permanent()) return Error{errc::unexpected_reply, reply.words()};
  const bool unknown_mechanism = reply.code == 504;  // RFC 4954 §4: offered, and yet not supported
  if (unknown_mechanism && chosen_ + 1 < choices_.size()) {
    return std::optional<std::string>(open(choices_[++chosen_]));
  }
  return Error{errc::auth_refused, reply.words()};
}

Result<std::optional<std::string>> AuthDialogue::prompted(const Reply& reply) {
  const Choice& choice = choices_[chosen_];
  if (responses_sent_ < choice.responses.size()) {
    const std::string_view response = choice.responses[responses_sent_++].reveal();
    return std::optional<std::string>(std::string(response) + "\r\n");
  }
  if (!choice.failure_answer || failure_answered_) {
    return Error{errc::unexpected_reply, "a prompt too many: " + reply.words()};
  }
  failure_answered_ = true;  // the reason comes as a challenge, the refusal after our answer to it
  const std::string said = reply.text();
  challenge_ = shown(from_base64(said).value_or(said));
  return std::optional<std::string>(*choice.failure_answer + "\r\n");
}

}  // namespace postern::smtp
