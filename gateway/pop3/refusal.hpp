// Which errc a server's -ERR means. The one place where a server's free words count, for the
// servers that say in words what RFC 2449 and RFC 3206 have codes for.
#pragma once

#include "pop3/reply.hpp"

namespace postern::pop3 {

/// -ERR as greeting: greeting_refused, login_too_soon.
Error greeting_refusal(const Status& status);

/// -ERR to a login. `challenge`: the error a SASL challenge carried, decoded, may be empty.
/// Gives login_refused, login_unavailable, mailbox_in_use, login_too_soon, login_disabled.
Error login_refusal(const Status& status, std::string_view challenge);

/// -ERR to any other command: command_refused, server_trouble.
Error command_refusal(const Status& status);

}  // namespace postern::pop3
