// A mail for a server without 8BITMIME: its 8-bit parts as quoted-printable or base64, all else as
// it stands. What a reader sees is the same; what a signature covers is not touched.
//
// Each leaf is encoded by itself, where it stands; mails inside the mail, too, since they may not
// be encoded as a whole. The result is scanned again and held against the original, leaf by leaf,
// so that nothing leaves here silently broken. RFC 6152 §3, RFC 2045 §6, RFC 2046 §5.2.1.
#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::message {

inline constexpr std::size_t nested_mails_max = 100;  // message/rfc822 parts that are looked into

/// `raw` without an octet over 127. Lines that had to be changed end with CRLF.
///
/// A leaf of text goes as quoted-printable where that is the shorter, everything else as base64;
/// one without a charset gets utf-8 where it is that, else unknown-8bit (RFC 1428 §3). 8-bit octets
/// before the first and behind the last part of a multipart, which nobody sees, become "?".
/// Errors: signed_eight_bit (multipart/signed, or a DKIM-Signature), not_seven_bit (8-bit octets in
/// a header, in a part of unknown or foreign encoding, in message/partial, beyond a limit of
/// scan()).
Result<std::string> to_seven_bit(std::string_view raw);

}  // namespace postern::message
