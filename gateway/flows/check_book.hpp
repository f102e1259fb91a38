// CheckBook: how the last checks of each integration ended, for a look at its recent past. In
// memory; flows/check_keeper keeps it over a restart. Any thread may note and ask.
#pragma once

#include "storage/past_checks.hpp"

#include <array>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace postern::flows {

using storage::PastCheck;

class CheckBook {
 public:
  /// Remembered of each integration and direction.
  static constexpr std::size_t checks_max = 30;

  using Past = storage::CheckHistory;

  void note(IntegrationId id, bool incoming, PastCheck check);
  void forget(IntegrationId id);
  Past past(IntegrationId id) const;

  /// What was kept of a former run; goes before what was noted since.
  void restore(const storage::CheckHistories& kept);
  /// The histories that have changed since this was asked the last time.
  storage::CheckHistories changed();

 private:
  Past past_of(IntegrationId id) const;  // with the lock taken

  mutable std::mutex mutex_;
  std::set<IntegrationId> changed_;
  std::map<IntegrationId, std::array<std::vector<PastCheck>, 2>> checks_;
};

}  // namespace postern::flows
