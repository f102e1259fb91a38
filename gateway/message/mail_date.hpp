// Date fields. RFC 5322 §3.3 with its obsolete zones and two-digit years (§4.3).
#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

/// "Fri, 31 Jan 2026 09:30:00 +0100", also without weekday or seconds, with comments, and with the
/// month before the day as C's asctime has it. Nothing for anything else and for years beyond
/// 1900–9999.
std::optional<Instant> parse_mail_date(std::string_view value);

/// The same form in UTC, "+0000".
std::string to_mail_date(Instant at);

}  // namespace postern::message
