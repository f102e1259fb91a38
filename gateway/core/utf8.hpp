// UTF-8 made sure of: what leaves as JSON must be valid, whatever a mail contained.
//
// Overlong forms, surrogates and values over U+10FFFF are invalid. RFC 3629 §3.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

/// How many bytes at the front of `text` are whole, valid UTF-8 characters.
std::size_t valid_utf8_prefix(std::string_view text);

inline bool is_valid_utf8(std::string_view text) {
  return valid_utf8_prefix(text) == text.size();
}

/// `text` with each byte that belongs to no valid character replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

/// The longest front of valid UTF-8 `text` within `bytes_max` that splits no character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace postern
