#include "flows/uid_sets.hpp"

namespace postern::flows {

std::vector<imap::NumberSet> to_sets(const UidRanges& uids) {
  std::vector<imap::NumberSet> sets;
  for (const auto& range : uids.ranges()) {
    if (sets.empty() || sets.back().ranges().size() >= ranges_per_command_max) sets.emplace_back();
    const auto added = sets.back().add(range.first, range.last);
    POSTERN_ASSERT(added.has_value());  // first <= last, and far fewer ranges than a set may have
  }
  return sets;
}

std::vector<imap::NumberSet> to_sets(const std::vector<std::uint32_t>& uids) {
  UidRanges ranges;
  for (const auto uid : uids) ranges.add(uid);
  return to_sets(ranges);
}

UidRanges to_ranges(const imap::NumberSet& uids) {
  UidRanges ranges;
  for (const auto& range : uids.ranges()) ranges.add(range.first, range.last);
  return ranges;
}

}  // namespace postern::flows
