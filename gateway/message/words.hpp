// Encoded words in header fields, both ways. RFC 2047.
//
// Neighbouring words of one charset are joined before their charset is converted, since mailers
// split characters between them.
#pragma once

#include "message/charset.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t encoded_word_octets_max = 75;  // RFC 2047 §2

/// An unstructured value or phrase as UTF-8: unfolded, words decoded, control characters as blanks,
/// so that no decoded CR LF can become a header further on. 8-bit bytes are read as UTF-8 or else
/// windows-1252. `clean` turns false when a guess was made.
std::string decode_words(std::string_view value, CharsetDecoder& charsets, bool& clean);

/// `utf8` as encoded words of at most 75 octets, whole characters in each; the first of at most
/// `first_octets_max`, as far as a character allows. Needs `charset` to hold all of it (from_utf8).
std::vector<std::string> encode_words(std::string_view utf8, const std::string& charset,
                                      std::size_t first_octets_max = encoded_word_octets_max);

}  // namespace postern::message
