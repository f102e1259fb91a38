// Gauges: how much of what there is, counted in one snapshot, for the metrics.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct GaugeReading {
  std::uint64_t quarantined = 0;   // mails
  std::uint64_t parked = 0;        // hand-overs that were given up
  std::uint64_t waiting_runs = 0;  // actions of event rules still to be done
  std::uint64_t database_bytes = 0;
  std::optional<Instant> oldest_delivery;  // of those still to be sent: when it was taken
  struct Target {
    TargetId target;
    Instant oldest_handover;  // of those that wait: when it was made
  };
  std::vector<Target> targets;  // those for which something waits
  struct Grant {
    std::string id, identity;
    Instant token_expires_at;
  };
  std::vector<Grant> grants;  // those whose access token has an end
};

class Gauges {
 public:
  virtual ~Gauges() = default;
  virtual net::Task<Result<GaugeReading>> read() = 0;
};

}  // namespace postern::storage
