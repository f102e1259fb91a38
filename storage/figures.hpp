// Figures of the last hours, for the page's overview: counted out of indexes, at a bounded cost.
//
// A mail counts in the hour it was stored, a sent one in the hour it was taken in, a hand-over in
// the hour it was made: rows are found by their ids, which go by age. The queue's length is not in
// any row; it is noted as it is (note_queue) and kept by the hour, the longest of each.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::storage {

constexpr int figure_hours_max = 24 * 7;

struct HourFigures {
  Instant begins;
  std::int64_t received = 0, received_quarantined = 0;
  std::int64_t sent = 0, send_failed = 0;
  std::int64_t handed_over = 0, handover_failed = 0;     // failed: parked
  std::optional<std::int64_t> queue, handovers_waiting;  // nothing: not noted in that hour
};

/// What waits at this moment.
struct QueueFigures {
  std::int64_t queued = 0, held = 0;  // deliveries; queued: those being sent as well
  std::optional<Instant> oldest_queued_at;
  std::int64_t handovers_waiting = 0;
  std::int64_t handovers_parked = 0;
  std::int64_t quarantined = 0;
};

/// What waits to be sent (queued, being sent or held) of each integration that has some.
using QueuedBy = std::vector<std::pair<IntegrationId, std::int64_t>>;

class Figures {
 public:
  virtual ~Figures() = default;
  /// The last `hours` hours up to the one of `now`, the oldest first.
  virtual net::Task<Result<std::vector<HourFigures>>> hours(int hours, Instant now) = 0;
  virtual net::Task<Result<QueueFigures>> queues() = 0;
  virtual net::Task<Result<QueuedBy>> queued_by_integration() = 0;
  /// Keeps the lengths of the queues for the hour of `now`.
  virtual net::Task<Result<void>> note_queue(QueueFigures queue, Instant now) = 0;
};

}  // namespace postern::storage
