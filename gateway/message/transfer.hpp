// Content-Transfer-Encoding, both ways: base64, quoted-printable, and uuencode to read.
//
// Lenient where mail is broken: foreign characters in base64 are passed over, `="x` in
// quoted-printable stays as it stands (vmime makes NULs of it). RFC 2045 §6.7, §6.8.
#pragma once

#include "message/scan.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace postern::message {

inline constexpr std::size_t decode_chunk_bytes = 64 * 1024;
inline constexpr std::size_t encoded_line_octets_max = 76;  // RFC 2045 §6.7 (5), §6.8

/// Takes decoded bytes piece by piece; returns false to stop the decoding.
using ByteSink = std::function<bool(std::string_view)>;

/// Decodes `in` into `sink` in pieces of about decode_chunk_bytes (identity and unknown: as one
/// piece, nothing copied). Returns whether the encoding was clean.
bool decode_transfer(std::string_view in, TransferEncoding encoding, const ByteSink& sink);

/// The same as a string of at most `bytes_max`.
struct Decoded {
  std::string bytes;
  bool clean = true;
  bool cut = false;
};
Decoded decode_transfer(std::string_view in, TransferEncoding encoding, std::size_t bytes_max);

/// Appends base64 in lines of 76 characters, each with CRLF.
void append_base64_lines(std::string_view in, std::string& out);

/// Appends quoted-printable in lines of at most 76 characters. `text` has CRLF line ends; any other
/// CR or LF is encoded. A line that begins with "From " or is a lone dot is encoded too.
void append_quoted_printable(std::string_view text, std::string& out);

}  // namespace postern::message
