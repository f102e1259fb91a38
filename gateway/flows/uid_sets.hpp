// Sets of UIDs as IMAP's commands and answers have them, and as the flows keep them.
#pragma once

#include "core/uid_ranges.hpp"
#include "imap/number_set.hpp"

#include <cstddef>
#include <vector>

namespace postern::flows {

/// Ranges in one command: each is at most 22 characters, and lines stay under 8,000 octets
/// (RFC 7162 §4). Text of the set alone: 330 × 22.
inline constexpr std::size_t ranges_per_command_max = 330;

/// `uids` in order, cut into sets of at most ranges_per_command_max ranges.
std::vector<imap::NumberSet> to_sets(const UidRanges& uids);
std::vector<imap::NumberSet> to_sets(const std::vector<std::uint32_t>& uids);

/// What a server told, in whatever order.
UidRanges to_ranges(const imap::NumberSet& uids);

}  // namespace postern::flows
