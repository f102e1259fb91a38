#include "pop3/errc.hpp"

#include "core/showable.hpp"
#include "core/utf8.hpp"

namespace postern::pop3 {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::not_pop3:
      return "this is not a POP3 server";
    case errc::greeting_refused:
      return "the POP3 server refuses the connection";
    case errc::stls_not_offered:
      return "the POP3 server does not offer STLS";
    case errc::stls_refused:
      return "the POP3 server refuses STLS";
    case errc::bytes_before_tls:
      return "the POP3 server sent bytes before the TLS handshake";
    case errc::plain_login_forbidden:
      return "no password over an unprotected line";
    case errc::login_refused:
      return "the POP3 server refuses the login";
    case errc::login_unavailable:
      return "the POP3 server can let nobody in now";
    case errc::mailbox_in_use:
      return "another session has the mailbox";
    case errc::login_too_soon:
      return "the POP3 server wants more time between two logins";
    case errc::login_disabled:
      return "the POP3 server takes no passwords here";
    case errc::no_mechanism:
      return "the POP3 server offers no login mechanism we can use";
    case errc::command_refused:
      return "the POP3 server refuses a command";
    case errc::server_trouble:
      return "the POP3 server is in trouble";
    case errc::bad_argument:
      return "this cannot be said in POP3";
    case errc::malformed:
      return "the server's words are not POP3";
    case errc::line_too_long:
      return "a POP3 line is too long";
    case errc::mail_too_large:
      return "the mail is larger than is taken";
    case errc::flooded:
      return "the POP3 server says too much";
    case errc::farewell:
      return "the POP3 server ends the connection";
    case errc::connection_closed:
      return "the POP3 server closed the line";
  }
  return "unknown POP3 error";
}

}  // namespace

const boost::system::error_category& category() {
  static const SentenceCategory instance("postern.pop3", sentence);
  return instance;
}

std::string shown(std::string_view words) {
  std::string text = to_valid_utf8(words.substr(0, detail_bytes_max));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto length = unshowable(std::string_view(text).substr(i));
    if (length > 0) text.replace(i, length, "?");
  }
  return std::string(cut_utf8(text, detail_bytes_max));
}

Error failure(errc code, std::string_view words) {
  return Error{code, shown(words)};
}

}  // namespace postern::pop3
