#include "imap/number_set.hpp"

#include <algorithm>

namespace postern::imap {

Result<void> NumberSet::add(std::uint32_t first, std::uint32_t last) {
  if (first == 0 || first > last) return failure(errc::bad_argument, "a number range upside down");
  if (!ranges_.empty() && first > ranges_.back().last && first - ranges_.back().last == 1) {
    ranges_.back().last = last;
    return success();
  }
  if (ranges_.size() == ranges_max) {
    return failure(errc::set_too_large, "more than 16384 number ranges");
  }
  ranges_.push_back({first, last});
  return success();
}

std::uint64_t NumberSet::count() const {
  std::uint64_t sum = 0;
  for (const auto& range : ranges_) sum += std::uint64_t{range.last} - range.first + 1;
  return sum;
}

bool NumberSet::contains(std::uint32_t number) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [number](const NumberRange& range) {
    return range.first <= number && number <= range.last;
  });
}

std::optional<std::uint32_t> NumberSet::at(std::uint64_t index) const {
  for (const auto& range : ranges_) {
    const auto size = std::uint64_t{range.last} - range.first + 1;
    if (index < size) return range.first + static_cast<std::uint32_t>(index);
    index -= size;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> NumberSet::index_of(std::uint32_t number) const {
  std::uint64_t before = 0;
  for (const auto& range : ranges_) {
    if (range.first <= number && number <= range.last) return before + (number - range.first);
    before += std::uint64_t{range.last} - range.first + 1;
  }
  return std::nullopt;
}

std::string NumberSet::str() const {
  std::string text;
  for (const auto& range : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first);
    if (range.last != range.first) text += ':' + std::to_string(range.last);
  }
  return text;
}

}  // namespace postern::imap
