// Hexadecimal, lower case out, either case in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

std::string to_hex(std::string_view bytes);

/// The bytes; nothing when `hex` has an odd length or any other character.
std::optional<std::string> from_hex(std::string_view hex);

}  // namespace postern
