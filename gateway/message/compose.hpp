// Draft → the bytes of a mail. The same draft and context give the same bytes.
//
// Only CRLF leaves here, no line is longer than 998 octets, Bcc is never written, and no field of
// a draft can become a header of its own (CVE class "header injection"). We write structure
// and words ourselves and take charsets and IDN from vmime, whose generator folds with a trailing
// blank, leaves bare LF in quoted-printable and takes its Message-ID from host name and clock.
// RFC 5322, RFC 2045–2047, RFC 2231, RFC 2387, RFC 6532.
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::message {

inline constexpr std::size_t composed_bytes_max = 150 * 1024 * 1024;
inline constexpr std::size_t draft_headers_max = 100;
inline constexpr std::size_t draft_header_bytes_max = 8 * 1024;  // name and value, also the subject
inline constexpr std::size_t draft_recipients_max = 2000;        // in To and Cc together
inline constexpr std::size_t draft_attachments_max = 200;
inline constexpr std::size_t line_octets_max = 998;  // RFC 5322 §2.1.1

/// What a draft does not say and a pure function may not find out by itself.
struct ComposeContext {
  Instant now;
  std::string
      message_id_domain;         // of the sender; anything but a dot-atom becomes "postern.invalid"
  std::string random_hex;        // ≥ 16 hex digits, new for every mail: Message-ID and boundaries
  bool strict_encoding = false;  // the draft's charset or nothing; else UTF-8 with a note
  bool unknown_charset_falls_back = false;  // so does one that is unknown; else it is refused
};

/// HTML without text gets the text that it says (html_text), as a multipart/alternative.
/// Errors: bad_request (no From, too many of something), bad_address, bad_header_name,
/// header_injection, unknown_charset, charset_does_not_fit (strict_encoding only), message_too_big.
Result<ComposedMail> compose(const Draft& draft, const ComposeContext& context);

}  // namespace postern::message
