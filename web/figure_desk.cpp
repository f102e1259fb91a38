// See figure_desk.hpp.
#include "web/figure_desk.hpp"

#include "core/log.hpp"

namespace postern::web {

net::Task<Result<storage::QueueFigures>> FigureDesk::queues() {
  if (queues_ && fresh(queues_at_)) co_return *queues_;
  POSTERN_CO_TRY(queues_, co_await store_.figures().queues());
  queues_at_ = env_.steady();
  // Whoever is told these lengths and looks into the list finds them there.
  queued_by_.reset();
  co_return *queues_;
}

net::Task<Result<storage::QueuedBy>> FigureDesk::queued_by_integration() {
  if (queued_by_ && fresh(queued_by_at_)) co_return *queued_by_;
  POSTERN_CO_TRY(queued_by_, co_await store_.figures().queued_by_integration());
  queued_by_at_ = env_.steady();
  co_return *queued_by_;
}

net::Task<Result<std::vector<storage::HourFigures>>> FigureDesk::hours(int hours) {
  const bool same = hours_.size() == static_cast<std::size_t>(hours);
  if (same && fresh(hours_at_)) co_return hours_;
  POSTERN_CO_TRY(hours_, co_await store_.figures().hours(hours, env_.now()));
  hours_at_ = env_.steady();
  co_return hours_;
}

net::Task<void> FigureDesk::keep_noting() {
  for (;;) {
    const auto counted = co_await store_.figures().queues();
    if (counted) {
      const auto noted = co_await store_.figures().note_queue(counted.value(), env_.now());
      if (!noted) log::warn("the queue's length was not noted: {}", describe(noted.error()));
    }
    co_await net::sleep_for(env_, queue_noted_every);
  }
}

boost::json::object to_json(const storage::QueueFigures& figures) {
  boost::json::object result;
  result["queued"] = figures.queued;
  result["held"] = figures.held;
  result["oldest_queued_at"] = nullptr;
  if (figures.oldest_queued_at) result["oldest_queued_at"] = to_rfc3339(*figures.oldest_queued_at);
  result["handovers_waiting"] = figures.handovers_waiting;
  result["handovers_parked"] = figures.handovers_parked;
  result["quarantined"] = figures.quarantined;
  return result;
}

}  // namespace postern::web
