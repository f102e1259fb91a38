// Charsets: bytes as a mail declares them → valid UTF-8, and back for composing.
//
// The common ones (ASCII, UTF-8, Latin-1, windows-1252) are done here, since vmime as Debian builds
// it is slow and throws; everything else goes through it to ICU. A converter's budget keeps a
// header of ten thousand odd charsets from taking seconds.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace postern::message {

inline constexpr std::size_t charset_conversions_max = 1000;  // through ICU, of one mail
inline constexpr std::size_t charset_name_bytes_max = 40;

/// Converts to UTF-8 for one mail. One thread.
class CharsetDecoder {
 public:
  struct Text {
    std::string utf8;
    bool clean = true;  // false: unknown charset or bytes that are not in it; a guess was made
  };

  /// `bytes` in `charset` (any case; empty: none declared). Undeclared, unknown or broken: UTF-8 if
  /// it is valid as such, else windows-1252. NUL becomes U+FFFD. Never fails.
  Text to_utf8(std::string_view bytes, std::string_view charset);

 private:
  std::optional<std::string> convert(std::string_view bytes, const std::string& charset);

  std::size_t conversions_left_ = charset_conversions_max;
  std::set<std::string> unknown_;
};

/// `utf8` in `charset`, or nothing when the charset is unknown, is no superset of ASCII or does not
/// hold every character.
std::optional<std::string> from_utf8(std::string_view utf8, const std::string& charset);

/// Whether a mail's text can be written in `charset` at all: it is known, and a superset of ASCII
/// (UTF-16 and UTF-7 are not).
bool is_mail_charset(const std::string& charset);

}  // namespace postern::message
