// The FETCH response: the facts of one message, and where its body is.
// RFC 9051 §7.5.2, RFC 3501 §7.4.2, RFC 7162 (MODSEQ).
#pragma once

#include "imap/scanner.hpp"
#include "imap/steps.hpp"

namespace postern::imap {

/// A body item and its value.
struct FetchedBody {
  std::string section;  // upper case: "" for BODY[] and RFC822, "HEADER.FIELDS (FROM)", "TEXT"
  StringToken::Kind kind = StringToken::Kind::nil;
  std::string bytes;             // quoted and (gathered) literal
  std::uint64_t size_bytes = 0;  // of the value
};

struct FetchResponse {
  MailFacts facts;
  std::optional<FetchedBody> body;
};

/// message-data = nz-number SP "FETCH" SP msg-att, from the "(" of msg-att on.
///
/// msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP …) ")". Items not asked for are skipped,
/// a date that is none is left out. With `partial` the text may end behind a streamed literal
/// (LiteralBegin's text). Errors: malformed (also two bodies, and a body that begins at another
/// octet than 0), nesting_too_deep.
Result<FetchResponse> parse_fetch(std::uint32_t sequence, Scanner& in, bool partial);

/// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE, without
/// the quotes: "17-Jul-1996 02:44:25 -0700". A day of one digit without its space is taken too.
std::optional<Instant> parse_date_time(std::string_view text);

}  // namespace postern::imap
