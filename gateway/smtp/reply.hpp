// One SMTP reply: cut off the front of what has arrived, and taken apart.
//
// Framing and parsing in one, because a reply is its own frame. What a reply means is the affair
// of session.hpp. RFC 5321 §4.2, RFC 3463 and RFC 2034 (enhanced status codes).
#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

inline constexpr std::size_t reply_bytes_max = 64 * 1024;

struct Reply {
  int code = 0;                    // 200 … 599
  std::string enhanced_code;       // "5.7.8", or empty
  std::vector<std::string> lines;  // without code, enhanced code and blanks at the end; untrusted

  bool positive() const { return code / 100 == 2; }
  bool intermediate() const { return code / 100 == 3; }
  bool transient() const { return code / 100 == 4; }
  bool permanent() const { return code / 100 == 5; }

  /// The lines joined with a blank, shown(): bounded and escaped.
  std::string text() const;
  /// "550 5.1.1 No such user", bounded and escaped.
  std::string words() const;
};

/// Takes one complete reply off the front of `input`, or nothing while it is incomplete.
///
/// Accepts a bare LF as line end, a line without text and blanks at the end, because real servers
/// send them. Consumes nothing on error, nor while incomplete.
/// Errors: malformed_reply (also: lines of one reply with different codes), reply_too_long (over
/// `limit_bytes`).
/// Source: RFC 5321 §4.2.1 (multiline replies), §4.5.3.1.5 (512-octet reply line, which we relax).
Result<std::optional<Reply>> take_reply(std::string_view& input,
                                        std::size_t limit_bytes = reply_bytes_max);

/// What a greeting that is no SMTP reply looks like: "an IMAP server", "a POP3 server", "an HTTP
/// server", "a TLS record", "an SSH server", or empty.
std::string_view foreign_protocol(std::string_view greeting);

}  // namespace postern::smtp
