// FigureDesk: figures for many who ask at once, counted at most every few seconds. On the server's
// executor only.
#pragma once

#include "net/env.hpp"
#include "storage/store.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <vector>

namespace postern::web {

constexpr Duration figures_fresh_for{5000};
constexpr Duration queue_noted_every{60000};

class FigureDesk {
 public:
  FigureDesk(storage::Store& store, net::Env& env) : store_(store), env_(env) {}

  net::Task<Result<storage::QueueFigures>> queues();
  net::Task<Result<storage::QueuedBy>> queued_by_integration();
  net::Task<Result<std::vector<storage::HourFigures>>> hours(int hours);

  /// Notes the queue's length again and again, until it is cancelled.
  net::Task<void> keep_noting();

 private:
  bool fresh(Duration at) const { return env_.steady() - at < figures_fresh_for; }

  storage::Store& store_;
  net::Env& env_;
  std::optional<storage::QueueFigures> queues_;
  Duration queues_at_{};
  std::optional<storage::QueuedBy> queued_by_;
  Duration queued_by_at_{};
  std::vector<storage::HourFigures> hours_;  // empty: none were counted yet
  Duration hours_at_{};
};

/// {queued, held, oldest_queued_at, handovers_waiting, handovers_parked, quarantined}
boost::json::object to_json(const storage::QueueFigures& figures);

}  // namespace postern::web
