// Base 64, both alphabets. Source: RFC 4648 §4 (standard, padded), §5 (URL-safe).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

std::string to_base64(std::string_view bytes);

/// URL-safe and without padding, as JWT and PKCE want it.
std::string to_base64url(std::string_view bytes);

/// Strict: the right alphabet, the right padding, zero bits at the end, no blanks. Nothing else is
/// decoded.
std::optional<std::string> from_base64(std::string_view text);

/// As from_base64, in the URL-safe alphabet; padding may be there or not.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace postern
