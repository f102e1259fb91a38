#include "core/showable.hpp"

#include "core/utf8.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace postern {
namespace {

bool is_unshowable(char32_t character) {
  if (character < 0x20 || (character >= 0x7F && character < 0xA0)) return true;
  return character == 0x061C ||                           // the Arabic letter mark
         character == 0x200E || character == 0x200F ||    // left-to-right, right-to-left marks
         (character >= 0x2028 && character <= 0x202E) ||  // separators, embeddings, overrides
         (character >= 0x2066 && character <= 0x2069);    // isolates
}

}  // namespace

char32_t code_point(std::string_view text, std::size_t length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (length == 1) return byte(0);
  if (length == 2) return ((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU);
  return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
}

std::size_t unshowable(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 0;
  if (length == 0 || text.size() < length) return 0;
  return is_unshowable(code_point(text, length)) ? length : 0;
}

std::string as_one_line(std::string_view text) {
  const auto valid = to_valid_utf8(text);
  std::string out;
  for (std::string_view rest = valid; !rest.empty();) {
    const auto length = unshowable(rest);
    if (length > 0) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code_point(rest, length)));
    } else {
      out += rest.front();
    }
    rest.remove_prefix(length > 0 ? length : 1);
  }
  return out;
}

}  // namespace postern
