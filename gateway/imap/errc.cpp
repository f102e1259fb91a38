#include "imap/errc.hpp"

#include "core/showable.hpp"
#include "imap/utf8.hpp"

namespace postern::imap {
namespace {

struct Sentence {
  errc code;
  const char* words;
};

constexpr Sentence sentences[] = {
    {errc::not_imap, "the server does not speak IMAP"},
    {errc::greeting_bye, "the server greeted with BYE"},
    {errc::starttls_not_offered, "the server does not offer STARTTLS"},
    {errc::starttls_refused, "the server refused STARTTLS"},
    {errc::bytes_before_tls, "bytes came between STARTTLS and the TLS handshake"},
    {errc::preauth_before_tls, "the server skipped the login before TLS"},
    {errc::plain_login_forbidden, "a password over an unprotected line is not allowed"},
    {errc::login_refused, "the server refused the login"},
    {errc::login_needs_person, "the login needs a person's action at the provider"},
    {errc::login_unavailable, "the server cannot take the login now"},
    {errc::login_disabled, "the server has disabled logging in with a password"},
    {errc::no_mechanism, "the server offers no login mechanism that fits"},
    {errc::not_connected, "the login worked but the mailbox cannot be opened"},
    {errc::throttled, "the server throttles this account"},
    {errc::session_expired, "the session's access token expired"},
    {errc::folder_missing, "the folder cannot be selected"},
    {errc::command_refused, "the server refused a command"},
    {errc::folder_exists, "the folder exists already"},
    {errc::folder_to_create, "the folder must be made first"},
    {errc::not_found, "the server does not have what was named"},
    {errc::no_permission, "the account has no permission for this"},
    {errc::over_quota, "the account is over its quota"},
    {errc::limit_reached, "a limit of the server is reached"},
    {errc::in_use, "another session holds the mailbox"},
    {errc::expunged, "some of the messages are gone"},
    {errc::not_possible, "the server can never do this"},
    {errc::unavailable, "a part of the server is not available"},
    {errc::server_fault, "the server has a fault of its own"},
    {errc::too_large, "the message is larger than the server takes"},
    {errc::not_supported, "the server does not support this command"},
    {errc::bad_argument, "an argument cannot be sent over IMAP"},
    {errc::malformed, "the server sent what is not IMAP"},
    {errc::line_too_long, "the server sent a line over the limit"},
    {errc::literal_too_large, "the server sent a literal over the limit"},
    {errc::nesting_too_deep, "the server sent lists nested too deeply"},
    {errc::set_too_large, "the server sent a number set over the limit"},
    {errc::flooded, "the server sent too many responses nobody asked for"},
    {errc::bye, "the server closed the session"},
    {errc::connection_closed, "the connection ended too early"},
};

// A test holds the table to the enum.
const char* sentence(int value) {
  for (const auto& [code, words] : sentences) {
    if (static_cast<int>(code) == value) return words;
  }
  return "unknown IMAP error";
}

}  // namespace

const boost::system::error_category& category() {
  static const SentenceCategory instance("postern.imap", sentence);
  return instance;
}

std::string shown(std::string_view words) {
  std::string text;
  while (!words.empty() && text.size() < detail_bytes_max) {
    const auto before = words;
    const auto character = take_utf8(words);
    if (character && unshowable(before) == 0) {
      const auto bytes = before.substr(0, before.size() - words.size());
      if (text.size() + bytes.size() > detail_bytes_max) break;
      text.append(bytes);
      continue;
    }
    if (!character) words.remove_prefix(1);
    text += '?';
  }
  return text;
}

Error failure(errc code, std::string_view words) {
  return Error{code, shown(words)};
}

}  // namespace postern::imap
