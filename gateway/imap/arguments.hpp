// Arguments of commands, checked: sets, flags, header names, dates. RFC 9051 §9.
#pragma once

#include "core/time.hpp"
#include "imap/number_set.hpp"

#include <string>
#include <string_view>

namespace postern::imap {

/// "1:5,7". Errors: bad_argument (empty, or over 8,000 bytes: servers cut command lines at 8,192
/// octets and more, RFC 7162 §4).
Result<std::string> set_text(const NumberSet& uids);

/// flag = "\Seen" / … / flag-keyword / flag-extension; what a client may set.
bool is_flag(std::string_view text);

/// One flag or several with a space between them; empty is none.
bool is_flag_list(std::string_view text);

/// field-name of RFC 5322 §3.6.8, in what an IMAP atom allows of it.
bool is_header_name(std::string_view text);

/// date-time, in UTC: "17-Jul-1996 02:44:25 +0000" with its quotes.
std::string date_time_text(Instant at);

/// "Jan" for 1.
std::string_view month_name(unsigned month);

}  // namespace postern::imap
