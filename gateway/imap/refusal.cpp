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

// Codes of logins that stay refused, whatever the credentials, until someone acts.
bool needs_person(Code code) {
  return code == Code::expired || code == Code::privacy_required ||
         code == Code::authorization_failed || code == Code::web_alert;
}

// What a response code makes of a refused command; nothing for the codes that tell no reason.
std::optional<errc> by_code(Code code) {
  switch (code) {
    case Code::already_exists:
      return errc::folder_exists;
    case Code::try_create:
      return errc::folder_to_create;
    case Code::nonexistent:
      return errc::not_found;
    case Code::no_perm:
    case Code::authorization_failed:
      return errc::no_permission;
    case Code::overquota:
      return errc::over_quota;
    case Code::limit:
      return errc::limit_reached;
    case Code::in_use:
      return errc::in_use;
    case Code::expunge_issued:
      return errc::expunged;
    case Code::cannot:
      return errc::not_possible;
    case Code::unavailable:
      return errc::unavailable;
    case Code::server_bug:
    case Code::corruption:
      return errc::server_fault;
    case Code::too_big:
      return errc::too_large;
    case Code::throttled:
      return errc::throttled;
    case Code::none:
    case Code::other:
    case Code::alert:
    case Code::append_uid:
    case Code::authentication_failed:
    case Code::badcharset:
    case Code::capability:
    case Code::client_bug:
    case Code::closed:
    case Code::contact_admin:
    case Code::copy_uid:
    case Code::expired:
    case Code::highest_mod_seq:
    case Code::no_mod_seq:
    case Code::parse:
    case Code::permanent_flags:
    case Code::privacy_required:
    case Code::read_only:
    case Code::read_write:
    case Code::referral:
    case Code::uid_next:
    case Code::uid_not_sticky:
    case Code::uid_validity:
    case Code::unseen:
    case Code::web_alert:
      return std::nullopt;
  }
  return std::nullopt;
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
  if (status.code == Code::throttled) return failure(errc::throttled, words);
  if (needs_person(status.code)) return failure(errc::login_needs_person, words);
  if (is_passing(status.code) || is_connection_limit(status.text)) {
    return failure(errc::login_unavailable, words);
  }
  // BAD after an error challenge is the end of a refused login, not a syntax error.
  const bool misunderstood = status.condition == Condition::bad && challenge.empty() &&
                             status.code != Code::authentication_failed;
  return failure(misunderstood ? errc::command_refused : errc::login_refused, words);
}

Error select_refusal(const Status& status) {
  auto refusal = command_refusal(status);
  const bool missing = status.condition == Condition::no && !is_passing(status.code) &&
                       (refusal.code == errc::command_refused || refusal.code == errc::not_found ||
                        refusal.code == errc::folder_to_create);
  if (missing) refusal.code = errc::folder_missing;
  return refusal;
}

Error command_refusal(const Status& status) {
  auto code = by_code(status.code);
  if (!code) code = exchange_words(status.text);
  return failure(code.value_or(errc::command_refused), status.quoted());
}

bool is_refusal(const error_code& code) {
  return code.category() == category() &&
         (code == errc::folder_missing ||
          (code.value() >= static_cast<int>(errc::command_refused) &&
           code.value() <= static_cast<int>(errc::too_large)));
}

Error farewell(const Status& status) {
  if (has_word(status.text, "ACCESSTOKENEXPIRED")) {
    return failure(errc::session_expired, status.quoted());
  }
  auto code = exchange_words(status.text);
  if (status.code == Code::throttled || status.code == Code::overquota ||
      status.code == Code::limit) {
    code = errc::throttled;
  }
  return failure(code.value_or(errc::bye), status.quoted());
}

Error foreign_greeting(std::string_view greeting) {
  std::string detail(name_protocol(greeting));
  detail.append(": ").append(greeting);
  return failure(errc::not_imap, detail);
}

}  // namespace postern::imap
