// How the last checks of each integration ended, kept over a restart: for a look at its recent
// past. Flows gather them in memory and keep them here now and then (flows/check_book).
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <utility>
#include <vector>

namespace postern::storage {

struct PastCheck {
  Instant at;
  bool ok = false;
  friend bool operator==(const PastCheck&, const PastCheck&) = default;
};

/// Of one integration, the oldest first.
struct CheckHistory {
  std::vector<PastCheck> incoming, outgoing;
};

using CheckHistories = std::vector<std::pair<IntegrationId, CheckHistory>>;

class PastChecks {
 public:
  virtual ~PastChecks() = default;
  /// Of all integrations that there are.
  virtual net::Task<Result<CheckHistories>> all() = 0;
  /// In the place of what was kept of these; an integration that is gone is passed over.
  virtual net::Task<Result<void>> keep(CheckHistories histories) = 0;
};

}  // namespace postern::storage
