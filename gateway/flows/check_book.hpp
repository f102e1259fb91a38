// CheckBook: how the last checks of each integration ended, for a look at its recent past. In
// memory: a restart begins anew. Any thread may note and ask.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace postern::flows {

struct PastCheck {
  Instant at;
  bool ok = false;
};

class CheckBook {
 public:
  /// Remembered of each integration and direction.
  static constexpr std::size_t checks_max = 30;

  struct Past {
    std::vector<PastCheck> incoming, outgoing;  // the oldest first
  };

  void note(IntegrationId id, bool incoming, PastCheck check);
  void forget(IntegrationId id);
  Past past(IntegrationId id) const;

 private:
  mutable std::mutex mutex_;
  std::map<IntegrationId, std::array<std::deque<PastCheck>, 2>> checks_;
};

}  // namespace postern::flows
