#include "smtp/words.hpp"

#include "core/showable.hpp"
#include "core/utf8.hpp"

#include <array>

namespace postern::smtp {
namespace {

/// Octets of the valid character at the front of `text`, or 0 where it must not be shown as it is.
std::size_t showable(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return unshowable(text) > 0 ? 0 : 1;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < length || !valid_utf8(text.substr(0, length))) return 0;
  return unshowable(text) > 0 ? 0 : length;
}

}  // namespace

std::string shown(std::string_view untrusted, std::size_t limit_bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  while (!untrusted.empty()) {
    const std::size_t length = showable(untrusted);
    const auto octet = static_cast<unsigned char>(untrusted[0]);
    const std::array<char, 4> escaped{'\\', 'x', digits[octet >> 4], digits[octet & 15]};
    const std::string_view piece =
        length > 0 ? untrusted.substr(0, length) : std::string_view(escaped.data(), escaped.size());
    if (out.size() + piece.size() > limit_bytes) return out + "…";
    out += piece;
    untrusted.remove_prefix(length > 0 ? length : 1);
  }
  return out;
}

}  // namespace postern::smtp
