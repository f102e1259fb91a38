// See suggest.hpp. Edits are insertion, deletion, substitution and the swap of two neighbours.
#include "core/suggest.hpp"

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t edits_always_near = 2;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Optimal string alignment distance; both words are at most word_bytes_max long.
std::size_t edits(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, word_bytes_max + 1>;
  Row before_last{}, last{}, row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known) {
  if (word.size() > word_bytes_max) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_edits = std::max(edits_always_near, word.size() / 3) + 1;
  for (const auto candidate : known) {
    if (candidate.size() > word_bytes_max) continue;
    const auto count = edits(word, candidate);
    // Two edits make any short word of any other: at least half of the word must stay.
    if (count >= best_edits || count * 2 > std::max(word.size(), candidate.size())) continue;
    best = candidate;
    best_edits = count;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const auto word_near = nearest(word, known);
  if (!word_near) return "";
  return " (did you mean \"" + std::string(*word_near) + "\"?)";
}

}  // namespace postern
