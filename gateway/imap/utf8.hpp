// UTF-8, read and written a character at a time; strict: no overlong forms, no surrogates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::imap {

/// Takes one character off the front of `text`; nothing (and nothing taken) if none is there.
std::optional<char32_t> take_utf8(std::string_view& text);

void append_utf8(std::string& text, char32_t character);

}  // namespace postern::imap
