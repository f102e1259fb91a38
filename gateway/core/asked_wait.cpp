#include "core/asked_wait.hpp"

#include <re2/re2.h>

#include <array>
#include <string>
#include <utility>

namespace postern {
namespace {

constexpr std::size_t words_looked_at = 1024;
constexpr Duration longest = std::chrono::hours(24);

// By their first letters: "minutes", "mins" and "min" are one.
constexpr std::array<std::pair<std::string_view, Duration>, 5> units = {{
    {"ms", Duration(1)},
    {"mil", Duration(1)},
    {"s", std::chrono::seconds(1)},
    {"m", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
}};

}  // namespace

std::optional<Duration> asked_wait(std::string_view words) {
  static const re2::RE2 pattern(
      "(?i)(?:try again|retry|backoff time|wait)(?: (?:in|after|for))?:? (?:about |at least )?"
      "(\\d{1,9}) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\\b");
  std::int64_t count = 0;
  std::string unit;
  const std::string text(words.substr(0, words_looked_at));
  if (!re2::RE2::PartialMatch(text, pattern, &count, &unit)) return std::nullopt;
  for (char& letter : unit) letter = static_cast<char>(letter | 0x20);
  for (const auto& [letters, one] : units) {
    if (!unit.starts_with(letters)) continue;
    if (count <= 0 || count > longest / one) return std::nullopt;
    return one * count;
  }
  return std::nullopt;
}

}  // namespace postern
