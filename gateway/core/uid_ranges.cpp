#include "core/uid_ranges.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace postern {
namespace {

void put_number(std::string& out, std::uint64_t number) {  // LEB128
  while (number >= 0x80) {
    out += static_cast<char>((number & 0x7f) | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

std::optional<std::uint64_t> take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace

void UidRanges::add(std::uint32_t first, std::uint32_t last) {
  if (first > last) return;
  // The ranges that touch first..last, neighbours too.
  auto begin = std::partition_point(ranges_.begin(), ranges_.end(), [first](const UidRange& r) {
    return std::uint64_t(r.last) + 1 < first;
  });
  auto end = begin;
  while (end != ranges_.end() && end->first <= std::uint64_t(last) + 1) {
    first = std::min(first, end->first);
    last = std::max(last, end->last);
    ++end;
  }
  if (begin == end) {
    ranges_.insert(begin, UidRange{first, last});
    return;
  }
  *begin = UidRange{first, last};
  ranges_.erase(std::next(begin), end);
}

/// In one pass over both: one by one, each range before the last ones would move all behind it, and
/// what a server tells decides how many there are.
void UidRanges::add(const UidRanges& others) {
  constexpr std::size_t few = 16;
  const bool behind = ranges_.empty() || others.ranges_.empty() ||
                      others.ranges_.front().first > ranges_.back().last;
  if (behind || others.ranges_.size() < few) {
    for (const auto& range : others.ranges_) add(range.first, range.last);
    return;
  }
  std::vector<UidRange> both;
  both.reserve(ranges_.size() + others.ranges_.size());
  std::ranges::merge(ranges_, others.ranges_, std::back_inserter(both), {}, &UidRange::first,
                     &UidRange::first);
  auto end = both.begin();  // of what is apart already
  for (const auto& range : both) {
    const bool touches =
        end != both.begin() && range.first <= std::uint64_t(std::prev(end)->last) + 1;
    if (touches) {
      std::prev(end)->last = std::max(std::prev(end)->last, range.last);
    } else {
      *end++ = range;
    }
  }
  both.erase(end, both.end());
  ranges_ = std::move(both);
}

bool UidRanges::contains(std::uint32_t uid) const {
  const auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                       [uid](const UidRange& r) { return r.last < uid; });
  return at != ranges_.end() && at->first <= uid;
}

std::uint64_t UidRanges::count() const {
  std::uint64_t all = 0;
  for (const auto& range : ranges_) all += std::uint64_t(range.last) - range.first + 1;
  return all;
}

UidRanges UidRanges::without(const UidRanges& others) const {
  UidRanges left;
  auto other = others.ranges_.begin();
  for (const auto& range : ranges_) {
    std::uint64_t next = range.first;
    while (other != others.ranges_.end() && other->last < next) ++other;
    for (auto it = other; it != others.ranges_.end() && it->first <= range.last; ++it) {
      if (it->first > next) left.add(static_cast<std::uint32_t>(next), it->first - 1);
      next = std::max(next, std::uint64_t(it->last) + 1);
    }
    if (next <= range.last) left.add(static_cast<std::uint32_t>(next), range.last);
  }
  return left;
}

UidRanges UidRanges::from(std::uint32_t first) const {
  UidRanges left;
  for (const auto& range : ranges_) left.add(std::max(first, range.first), range.last);
  return left;
}

std::vector<std::uint32_t> UidRanges::first_uids(std::size_t limit) const {
  std::vector<std::uint32_t> uids;
  for (const auto& range : ranges_) {
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid) {
      if (uids.size() == limit) return uids;
      uids.push_back(static_cast<std::uint32_t>(uid));
    }
  }
  return uids;
}

std::string UidRanges::encode() const {
  std::string bytes;
  std::uint64_t next = 0;
  for (const auto& range : ranges_) {
    put_number(bytes, range.first - next);
    put_number(bytes, range.last - range.first);
    next = std::uint64_t(range.last) + 1;
  }
  return bytes;
}

std::optional<UidRanges> UidRanges::decode(std::string_view bytes) {
  UidRanges set;
  std::uint64_t next = 0;
  while (!bytes.empty()) {
    const auto gap = take_number(bytes);
    const auto length = gap ? take_number(bytes) : std::nullopt;
    if (!length) return std::nullopt;
    const auto last = next + *gap + *length;
    if (last > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    set.add(static_cast<std::uint32_t>(next + *gap), static_cast<std::uint32_t>(last));
    next = last + 1;
  }
  return set;
}

}  // namespace postern
