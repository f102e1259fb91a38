// A set of UIDs or sequence numbers, kept as ranges: a million neighbours cost eight bytes.
#pragma once

#include "imap/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::imap {

struct NumberRange {
  std::uint32_t first = 0, last = 0;  // both inside; first <= last
  bool operator==(const NumberRange&) const = default;
};

/// The ranges in the order they were added; an addition that continues the last range extends it.
class NumberSet {
 public:
  static constexpr std::size_t ranges_max = 16384;

  NumberSet() = default;
  NumberSet(std::uint32_t first, std::uint32_t last) : ranges_{{first, last}} {}

  /// Adds first..last. Errors: set_too_large (over ranges_max ranges), bad_argument (0, or
  /// first > last).
  Result<void> add(std::uint32_t first, std::uint32_t last);
  Result<void> add(std::uint32_t number) { return add(number, number); }

  bool empty() const { return ranges_.empty(); }
  std::uint64_t count() const;
  bool contains(std::uint32_t number) const;
  /// The number at `index`, counted from 0 through the ranges; nothing behind the last.
  std::optional<std::uint32_t> at(std::uint64_t index) const;
  /// The index of `number` for at(); nothing when it is not in the set.
  std::optional<std::uint64_t> index_of(std::uint32_t number) const;
  const std::vector<NumberRange>& ranges() const { return ranges_; }

  /// "1:5,7". Source: RFC 9051 §9, sequence-set.
  std::string str() const;

  bool operator==(const NumberSet&) const = default;

 private:
  std::vector<NumberRange> ranges_;
};

}  // namespace postern::imap
