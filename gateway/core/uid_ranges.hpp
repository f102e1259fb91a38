// UidRanges: a set of UIDs as sorted ranges: what is in a folder costs little, however much it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct UidRange {
  std::uint32_t first = 0, last = 0;  // both inside; first <= last
  bool operator==(const UidRange&) const = default;
};

class UidRanges {
 public:
  UidRanges() = default;
  UidRanges(std::uint32_t first, std::uint32_t last) { add(first, last); }

  /// Adds first..last, in any order and over what is there; cheap at the end.
  void add(std::uint32_t first, std::uint32_t last);
  void add(std::uint32_t uid) { add(uid, uid); }
  void add(const UidRanges& others);

  bool contains(std::uint32_t uid) const;
  bool empty() const { return ranges_.empty(); }
  std::uint64_t count() const;
  void clear() { ranges_.clear(); }
  const std::vector<UidRange>& ranges() const { return ranges_; }

  /// Those of these that are not in `others`.
  UidRanges without(const UidRanges& others) const;
  /// Those from `first` on.
  UidRanges from(std::uint32_t first) const;
  /// The first `limit` of them, one by one.
  std::vector<std::uint32_t> first_uids(std::size_t limit) const;

  /// As bytes, about two for each range of a dense folder: gaps and lengths as LEB128.
  std::string encode() const;
  /// Nothing if these are not the bytes of a set.
  static std::optional<UidRanges> decode(std::string_view bytes);

  bool operator==(const UidRanges&) const = default;

 private:
  std::vector<UidRange> ranges_;  // apart from each other, in order
};

}  // namespace postern
