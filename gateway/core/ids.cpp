#include "core/ids.hpp"

namespace postern {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t digits = 13;  // 13 × 5 bits hold 63

}  // namespace

std::string format_id(std::string_view prefix, std::int64_t value) {
  std::string text(prefix);
  text += '_';
  for (std::size_t i = 0; i < digits; ++i) {
    const auto shift = 5 * (digits - 1 - i);
    text += alphabet[(static_cast<std::uint64_t>(value) >> shift) & 31];
  }
  return text;
}

std::optional<std::int64_t> parse_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 1 + digits) return std::nullopt;
  if (!text.starts_with(prefix) || text[prefix.size()] != '_') return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text.substr(prefix.size() + 1)) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 5 | digit;
  }
  if (value == 0 || value > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace postern
