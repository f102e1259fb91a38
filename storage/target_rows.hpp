// The targets' rows, read by targets_table and rules_table.
#pragma once

#include "storage/handovers.hpp"
#include "storage/submit.hpp"

#include <vector>

namespace postern::storage {

/// Those that are not removed, oldest first.
std::vector<StoredTarget> all_targets(Transaction& transaction);

}  // namespace postern::storage
