// UTF-8: is it, where may it be cut, how is it made harmless. Source: RFC 3629 §3, §4.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

/// Whether `text` is UTF-8: no overlong forms, no surrogates, nothing over U+10FFFF.
bool valid_utf8(std::string_view text);

/// The longest front of `text` of at most `bytes_max` bytes that cuts no character in two.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// `text` with U+FFFD in place of every byte that is part of no character.
std::string to_valid_utf8(std::string_view text);

/// Whether `text` holds a C0 control character, DEL, or a C1 control character in UTF-8.
bool has_control(std::string_view text);

}  // namespace postern
