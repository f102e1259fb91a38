// Which errc a server's NO, BAD, BYE or strange greeting means. The one place where a server's
// free words count, for the few servers that say in words what RFC 5530 has codes for.
#pragma once

#include "imap/status.hpp"

namespace postern::imap {

/// NO or BAD to a login. `challenge`: the error a SASL challenge carried, decoded, may be empty.
/// Gives login_refused, login_unavailable, not_connected, throttled, command_refused (BAD).
Error login_refusal(const Status& status, std::string_view challenge);

/// NO or BAD to SELECT or EXAMINE: folder_missing, command_refused (BAD, and NO with a code of a
/// trouble that passes), not_connected, throttled.
Error select_refusal(const Status& status);

/// NO or BAD to any other command: command_refused, not_connected, throttled.
Error command_refusal(const Status& status);

/// An unasked BYE: bye, session_expired, throttled.
Error farewell(const Status& status);

/// not_imap, naming the protocol that `greeting` looks like.
Error foreign_greeting(std::string_view greeting);

}  // namespace postern::imap
