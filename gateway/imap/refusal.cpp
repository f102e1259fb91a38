#include "imap/refusal.hpp"

#include "imap/letters.hpp"

#include <optional>

namespace postern::imap {
namespace {

// Exchange Online says these in words only, on NO and on BAD, to any command.
std::optional<errc> exchange_words(std::string_view text) {
  if (has_word(text, "AUTHENTICATED BUT NOT CONNECTED")) return errc::not_connected;
  if (has_word(text, "REQUEST IS THROTTLED")) return errc::throttled;
  return std::nullopt;
}

// Gmail sends this as [ALERT] on a login that has nothing wrong with its password.
bool is_connection_limit(std::string_view text) {
  return has_word(text, "TOO MANY SIMULTANEOUS CONNECTIONS");
}

// Codes of troubles that pass, and that say nothing about credentials or folders.
bool is_passing(Code code) {
  return code == Code::unavailable || code == Code::limit || code == Code::in_use ||
         code == Code::server_bug || code == Code::overquota || code == Code::contact_admin;
}

bool is_reply_code(std::string_view text) {
  return text.size() >= 4 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
         (text[3] == ' ' || text[3] == '-');
}

std::string_view name_protocol(std::string_view greeting) {
  const auto first = greeting.empty() ? '\0' : greeting.front();
  if (first == '\x15' || first == '\x16') return "a TLS server (choose TLS for this port)";
  if (is_reply_code(greeting)) return "an SMTP or FTP server";
  if (greeting.starts_with("+OK") || greeting.starts_with("-ERR")) return "a POP3 server";
  if (greeting.starts_with("HTTP/") || greeting.starts_with('<')) return "an HTTP server";
  if (greeting.starts_with("SSH-")) return "an SSH server";
  return "not an IMAP server";
}

}  // namespace

Error login_refusal(const Status& status, std::string_view challenge) {
  auto words = status.quoted();
  if (!challenge.empty()) words.append(" ").append(challenge);
  if (const auto code = exchange_words(status.text)) return failure(*code, words);
  if (is_passing(status.code) || is_connection_limit(status.text)) {
    return failure(errc::login_unavailable, words);
  }
  // BAD after an error challenge is the end of a refused login, not a syntax error.
  const bool misunderstood = status.condition == Condition::bad && challenge.empty() &&
                             status.code != Code::authentication_failed;
  return failure(misunderstood ? errc::command_refused : errc::login_refused, words);
}

Error select_refusal(const Status& status) {
  const bool missing = status.condition == Condition::no && !is_passing(status.code);
  const auto usual = missing ? errc::folder_missing : errc::command_refused;
  return failure(exchange_words(status.text).value_or(usual), status.quoted());
}

Error command_refusal(const Status& status) {
  const auto code = exchange_words(status.text);
  return failure(code.value_or(errc::command_refused), status.quoted());
}

Error farewell(const Status& status) {
  if (has_word(status.text, "ACCESSTOKENEXPIRED")) {
    return failure(errc::session_expired, status.quoted());
  }
  return failure(exchange_words(status.text).value_or(errc::bye), status.quoted());
}

Error foreign_greeting(std::string_view greeting) {
  std::string detail(name_protocol(greeting));
  detail.append(": ").append(greeting);
  return failure(errc::not_imap, detail);
}

}  // namespace postern::imap
