// Why a POP3 conversation cannot go on, or why one command of it did not work.
//
// Codes are for branching (flows/verdict); the Error's detail quotes the server, at most
// detail_bytes_max bytes, with control characters replaced.
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace postern::pop3 {

enum class errc {
  not_pop3 = 1,           // the greeting is another protocol's; the detail names which
  greeting_refused,       // -ERR as greeting
  stls_not_offered,       // STLS demanded, not in CAPA
  stls_refused,           // -ERR to STLS
  bytes_before_tls,       // bytes behind the +OK to STLS: an injection (CVE-2011-0411 family)
  plain_login_forbidden,  // a password over an unprotected line without the option that allows it
  login_refused,          // the credentials, or the account, are not let in
  login_unavailable,      // [SYS/TEMP], [SYS/PERM]: says nothing about the credentials
  mailbox_in_use,         // [IN-USE]: another session has the maildrop
  login_too_soon,         // [LOGIN-DELAY]
  login_disabled,         // neither USER nor SASL PLAIN is offered for a password
  no_mechanism,           // no SASL mechanism that fits the token, or no login is configured
  command_refused,        // -ERR to a command; the session goes on
  server_trouble,         // -ERR [SYS/…] to a command: no fault of the mail it is about
  bad_argument,           // CR, LF or NUL in a name or password; nothing was sent
  malformed,              // what came is not POP3's grammar
  line_too_long,          // a line over 8 KiB outside of a mail
  mail_too_large,         // a mail over body_bytes_max, whatever LIST said of it
  flooded,                // more capabilities than any server has, or more mails than listed_max
  farewell,               // -ERR unasked for: the server is about to hang up
  connection_closed,      // the end of the stream in the middle
};

inline constexpr std::size_t detail_bytes_max = 512;

const boost::system::error_category& category();
inline error_code make_error_code(errc code) {
  return {static_cast<int>(code), category()};
}

/// The server's words fit to be shown: bounded, valid UTF-8, control characters replaced by '?'.
std::string shown(std::string_view words);

/// An Error whose detail is shown(words).
Error failure(errc code, std::string_view words);

}  // namespace postern::pop3

template <>
struct boost::system::is_error_code_enum<postern::pop3::errc> : std::true_type {};
