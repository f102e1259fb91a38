#include "pop3/refusal.hpp"

#include "pop3/letters.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace postern::pop3 {
namespace {

struct Phrase {
  std::string_view words;
  errc code;
};

// In words without a code: popa3d, qpopper, Courier, Exchange, UW, GMX and other providers.
constexpr std::array<Phrase, 17> login_phrases = {{
    {"IN USE", errc::mailbox_in_use},
    {"MAILDROP ALREADY LOCKED", errc::mailbox_in_use},
    {"MAILBOX LOCKED", errc::mailbox_in_use},
    {"MAILBOX IS LOCKED", errc::mailbox_in_use},
    {"MAILDROP LOCKED", errc::mailbox_in_use},
    {"UNABLE TO LOCK", errc::mailbox_in_use},
    {"LOCK BUSY", errc::mailbox_in_use},
    {"LOCKED BY", errc::mailbox_in_use},
    {"TOO FREQUENT", errc::login_too_soon},
    {"TOO OFTEN", errc::login_too_soon},
    {"MINIMUM LOGIN INTERVAL", errc::login_too_soon},
    {"TOO MANY", errc::login_unavailable},
    {"TRY AGAIN LATER", errc::login_unavailable},
    {"TEMPORAR", errc::login_unavailable},
    {"UNAVAILABLE", errc::login_unavailable},
    {"INTERNAL ERROR", errc::login_unavailable},
    {"INTERNAL SERVER ERROR", errc::login_unavailable},
}};

bool is_system_trouble(const Status& status) {
  return status.code.starts_with("SYS/");
}

std::optional<errc> meaning_of_code(const Status& status) {
  if (status.code == "AUTH") return errc::login_refused;
  if (status.code == "IN-USE") return errc::mailbox_in_use;
  if (status.code == "LOGIN-DELAY") return errc::login_too_soon;
  if (is_system_trouble(status)) return errc::login_unavailable;
  return std::nullopt;
}

errc meaning_of_words(std::string_view text) {
  const auto words = to_upper(text);
  const auto found = std::ranges::find_if(login_phrases, [&](const Phrase& phrase) {
    return words.find(phrase.words) != std::string::npos;
  });
  return found == login_phrases.end() ? errc::login_refused : found->code;
}

// Dovecot says it with the code AUTH, though the password was never looked at.
bool wants_tls(const Status& status) {
  return to_upper(status.text).find("PLAINTEXT AUTHENTICATION DISALLOWED") != std::string::npos;
}

}  // namespace

Error greeting_refusal(const Status& status) {
  const bool too_soon = status.code == "LOGIN-DELAY";
  return failure(too_soon ? errc::login_too_soon : errc::greeting_refused, status.text);
}

Error login_refusal(const Status& status, std::string_view challenge) {
  auto words = status.text;
  if (!challenge.empty()) words.append(" ").append(challenge);
  if (wants_tls(status)) return failure(errc::login_disabled, words);
  const auto code = meaning_of_code(status);
  return failure(code ? *code : meaning_of_words(status.text), words);
}

Error command_refusal(const Status& status) {
  return failure(is_system_trouble(status) ? errc::server_trouble : errc::command_refused,
                 status.text);
}

}  // namespace postern::pop3
