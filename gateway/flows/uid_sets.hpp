// Sets of UIDs to ask for: without those that are here already, in commands a server takes.
#pragma once

#include "imap/number_set.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace postern::flows {

/// Ranges in one command: each is at most 22 characters, and lines stay under 8,000 octets
/// (RFC 7162 §4). Text of the set alone: 330 × 22.
inline constexpr std::size_t ranges_per_command_max = 330;

/// `uids` without `taken`, in order, cut into sets of at most ranges_per_command_max ranges.
std::vector<imap::NumberSet> sets_without(const imap::NumberSet& uids,
                                          const std::set<std::uint32_t>& taken);

}  // namespace postern::flows
