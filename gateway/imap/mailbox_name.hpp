// Folder names on the wire: modified UTF-7, where people and the rest of the program use UTF-8.
// RFC 3501 §5.1.3, RFC 2152.
#pragma once

#include "imap/errc.hpp"

#include <string>
#include <string_view>

namespace postern::imap {

/// "Entwürfe" → "Entw&APw-rfe". "inbox" in any case becomes "INBOX" (RFC 9051 §5.1).
/// Errors: bad_argument (control characters, not UTF-8, over 1,000 bytes, empty).
Result<std::string> encode_mailbox(std::string_view utf8);

/// The name as it is sent: UTF-8 where UTF8=ACCEPT is enabled (RFC 6855 §3), else modified UTF-7.
/// `utf8` must be one that encode_mailbox() takes.
std::string mailbox_on_wire(std::string_view utf8, bool utf8_accepted);

/// The way back. A name that is not modified UTF-7 is given as it is if it is UTF-8 (servers with
/// UTF8=ACCEPT, and careless ones), else with '?' for each byte that is not ASCII.
std::string decode_mailbox(std::string_view name);

/// How the server writes folder names: as UTF-8 once UTF8=ACCEPT is enabled.
enum class MailboxNames { modified_utf7, utf8 };
std::string decode_mailbox(std::string_view name, MailboxNames names);

}  // namespace postern::imap
