// Why an IMAP conversation cannot go on, or why one command of it did not work.
//
// Codes are for branching (flows/verdict); the Error's detail quotes the server, at most
// detail_bytes_max bytes, with control characters replaced.
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace postern::imap {

enum class errc {
  not_imap = 1,           // the greeting is another protocol's; the detail names which
  greeting_bye,           // * BYE as greeting
  starttls_not_offered,   // STARTTLS demanded, not in CAPABILITY
  starttls_refused,       // NO or BAD to STARTTLS
  bytes_before_tls,       // bytes behind the OK to STARTTLS: an injection (CVE-2011-0411 family)
  preauth_before_tls,     // PREAUTH while STARTTLS is demanded
  plain_login_forbidden,  // a password over an unprotected line without the option that allows it
  login_refused,          // the credentials, or the account, are not let in
  login_needs_person,  // EXPIRED, PRIVACYREQUIRED, WEBALERT, …: someone must act at the provider
  login_unavailable,   // UNAVAILABLE, LIMIT, INUSE, …: says nothing about the credentials
  login_disabled,      // LOGINDISABLED and no other way for a password
  no_mechanism,        // no AUTH= that fits the token
  not_connected,       // Exchange: "User is authenticated but not connected"
  throttled,           // Exchange: "Request is throttled", see core/asked_wait; THROTTLED
  session_expired,     // BYE because the access token ran out: log in again, nothing is wrong
  folder_missing,      // NO to SELECT or EXAMINE; the session goes on
  command_refused,     // NO or BAD to another command that tells no code of those below
  folder_exists,       // [ALREADYEXISTS] to CREATE
  folder_to_create,    // [TRYCREATE] to APPEND, COPY or MOVE: there is no such folder
  not_found,           // [NONEXISTENT]
  no_permission,       // [NOPERM]
  over_quota,          // [OVERQUOTA]: the account is full, or has had its share of the day
  limit_reached,       // [LIMIT]
  in_use,              // [INUSE]: another session holds what this one needs
  expunged,            // [EXPUNGEISSUED]: some of the messages are gone
  not_possible,        // [CANNOT]: never, not with these arguments
  unavailable,         // [UNAVAILABLE]: a part of the server is down
  server_fault,        // [SERVERBUG], [CORRUPTION]
  too_large,           // [TOOBIG], or over the server's APPENDLIMIT (then nothing was sent)
  not_supported,       // the command needs a capability the server lacks; nothing was sent
  bad_argument,        // CR, LF or NUL in an argument, an empty set; nothing was sent
  malformed,           // what came is not IMAP's grammar
  line_too_long,       // a response over 64 KiB, streamed literals not counted
  literal_too_large,   // a literal over what its place allows
  nesting_too_deep,    // over 64 open parentheses
  set_too_large,       // a number set of too many ranges
  flooded,             // too many responses that answer nothing
  bye,                 // * BYE, unasked for
  connection_closed,   // the end of the stream in the middle
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

}  // namespace postern::imap

template <>
struct boost::system::is_error_code_enum<postern::imap::errc> : std::true_type {};
