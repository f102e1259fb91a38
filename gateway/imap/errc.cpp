#include "imap/errc.hpp"

#include "imap/utf8.hpp"

namespace postern::imap {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::not_imap:
      return "the server does not speak IMAP";
    case errc::greeting_bye:
      return "the server greeted with BYE";
    case errc::starttls_not_offered:
      return "the server does not offer STARTTLS";
    case errc::starttls_refused:
      return "the server refused STARTTLS";
    case errc::bytes_before_tls:
      return "bytes came between STARTTLS and the TLS handshake";
    case errc::preauth_before_tls:
      return "the server skipped the login before TLS";
    case errc::plain_login_forbidden:
      return "a password over an unprotected line is not allowed";
    case errc::login_refused:
      return "the server refused the login";
    case errc::login_unavailable:
      return "the server cannot take the login now";
    case errc::login_disabled:
      return "the server has disabled logging in with a password";
    case errc::no_mechanism:
      return "the server offers no login mechanism that fits";
    case errc::not_connected:
      return "the login worked but the mailbox cannot be opened";
    case errc::throttled:
      return "the server throttles this account";
    case errc::session_expired:
      return "the session's access token expired";
    case errc::folder_missing:
      return "the folder cannot be selected";
    case errc::command_refused:
      return "the server refused a command";
    case errc::not_supported:
      return "the server does not support this command";
    case errc::bad_argument:
      return "an argument cannot be sent over IMAP";
    case errc::malformed:
      return "the server sent what is not IMAP";
    case errc::line_too_long:
      return "the server sent a line over the limit";
    case errc::literal_too_large:
      return "the server sent a literal over the limit";
    case errc::nesting_too_deep:
      return "the server sent lists nested too deeply";
    case errc::set_too_large:
      return "the server sent a number set over the limit";
    case errc::flooded:
      return "the server sent too many responses nobody asked for";
    case errc::bye:
      return "the server closed the session";
    case errc::connection_closed:
      return "the connection ended too early";
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
    if (character && *character >= 0x20 && (*character < 0x7f || *character >= 0xa0)) {
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
