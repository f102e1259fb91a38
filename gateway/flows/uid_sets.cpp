#include "flows/uid_sets.hpp"

namespace postern::flows {
namespace {

void add(std::vector<imap::NumberSet>& sets, std::uint32_t first, std::uint32_t last) {
  if (sets.empty() || sets.back().ranges().size() >= ranges_per_command_max) sets.emplace_back();
  const auto added = sets.back().add(first, last);
  POSTERN_ASSERT(added.has_value());  // first <= last, and far fewer ranges than a set may have
}

}  // namespace

std::vector<imap::NumberSet> sets_without(const imap::NumberSet& uids,
                                          const std::set<std::uint32_t>& taken) {
  std::vector<imap::NumberSet> sets;
  for (const auto& range : uids.ranges()) {
    std::uint64_t next = range.first;
    for (auto it = taken.lower_bound(range.first); it != taken.end() && *it <= range.last; ++it) {
      if (*it > next) add(sets, static_cast<std::uint32_t>(next), *it - 1);
      next = std::uint64_t(*it) + 1;
    }
    if (next <= range.last) add(sets, static_cast<std::uint32_t>(next), range.last);
  }
  return sets;
}

}  // namespace postern::flows
