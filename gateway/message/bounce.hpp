// Bounces: mails of servers that tell that another mail did not arrive, or is late.
//
// A report after RFC 3464 says all in fields; older servers write it for people, each in words of
// its own (bounce_text). What is found is a claim of whoever wrote the mail: flows/bounces believes
// it only of a mail and a recipient that are ours.
#pragma once

#include "core/mail.hpp"
#include "message/scan.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

inline constexpr std::size_t bounce_recipients_max = 200;  // of one bounce
inline constexpr std::size_t bounce_diagnostic_bytes_max = 1024;
inline constexpr std::size_t bounce_report_bytes_max = 256 * 1024;  // read of the report's part
inline constexpr std::size_t bounce_text_bytes_max = 64 * 1024;     // read of the explanation

/// What `raw` tells as a bounce: the recipients that failed or are delayed, and the Message-ID of
/// the mail that came back. Nothing when it is none, or a report of success alone. `summary` is
/// the mail's own digest. Source: RFC 3464 §2, RFC 6522 (multipart/report), RFC 6533 (global).
std::optional<BounceSummary> find_bounce(std::string_view raw, const PartTree& tree,
                                         const MessageSummary& summary);

/// The enhanced status code in `text` ("5.1.1"), the first; empty when there is none.
/// Source: RFC 3463 §2: ("2" / "4" / "5") "." 1*3digit "." 1*3digit
std::string status_in(std::string_view text);

/// The SMTP reply code in `text` (400 to 599, a word of its own), the first; 0 when there is none.
int reply_code_in(std::string_view text);

}  // namespace postern::message
