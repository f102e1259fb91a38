// Which errc a server's NO, BAD, BYE or strange greeting means. The one place where a server's
// free words count, for the few servers that say in words what RFC 5530 has codes for.
#pragma once

#include "imap/status.hpp"

namespace postern::imap {

/// NO or BAD to a login. `challenge`: the error a SASL challenge carried, decoded, may be empty.
/// Gives login_refused, login_needs_person, login_unavailable, not_connected, throttled,
/// command_refused (BAD).
Error login_refusal(const Status& status, std::string_view challenge);

/// NO or BAD to SELECT or EXAMINE: folder_missing, or as command_refusal() for BAD and for the
/// codes that say nothing about the folder's being there.
Error select_refusal(const Status& status);

/// NO or BAD to any other command: by its response code (folder_exists … too_large), else
/// not_connected or throttled by Exchange's words, else command_refused.
Error command_refusal(const Status& status);

/// Whether `code` is one of a refused command, after which the session can go on.
bool is_refusal(const error_code& code);

/// An unasked BYE: bye, session_expired, throttled.
Error farewell(const Status& status);

/// not_imap, naming the protocol that `greeting` looks like.
Error foreign_greeting(std::string_view greeting);

}  // namespace postern::imap
