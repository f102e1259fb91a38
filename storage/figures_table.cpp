// See figures_table.hpp. Each count walks an index by state and id, from the first id of the first
// hour on: its cost goes by the mails of these hours, not by all that is kept.
#include "storage/figures_table.hpp"

#include "storage/id_source.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

constexpr std::int64_t hour_ms = 3600 * 1000;

/// Rows of `sql` (hour since 1970, count) into the member of their hour.
void add_counts(Query query, std::vector<HourFigures>& hours, std::int64_t first_hour,
                std::int64_t HourFigures::*member) {
  while (query.step()) {
    std::int64_t hour = 0, count = 0;
    query.read(hour, count);
    const auto index = hour - first_hour;
    if (index < 0 || index >= static_cast<std::int64_t>(hours.size())) continue;
    hours[static_cast<std::size_t>(index)].*member += count;
  }
}

std::int64_t count(Query query) {
  std::int64_t number = 0;
  if (query.step()) query.read(number);
  return number;
}

void add_queues(Transaction& transaction, std::vector<HourFigures>& hours,
                std::int64_t first_hour) {
  auto query = transaction.query(
      "SELECT hour, outgoing, handovers FROM queue_hour WHERE hour >= ?1", first_hour);
  while (query.step()) {
    std::int64_t hour = 0, outgoing = 0, handovers = 0;
    query.read(hour, outgoing, handovers);
    const auto index = static_cast<std::size_t>(hour - first_hour);
    if (index >= hours.size()) continue;
    hours[index].queue = outgoing;
    hours[index].handovers_waiting = handovers;
  }
}

}  // namespace

net::Task<Result<std::vector<HourFigures>>> FiguresTable::hours(int hours, Instant now) {
  const int wanted = std::clamp(hours, 1, figure_hours_max);
  return engine_.read([wanted, now](Transaction& transaction) -> Result<std::vector<HourFigures>> {
    const auto first_hour = to_milliseconds(now) / hour_ms - (wanted - 1);
    const auto from = IdSource::first_at(from_milliseconds(first_hour * hour_ms));
    std::vector<HourFigures> result(static_cast<std::size_t>(wanted));
    for (std::size_t i = 0; i < result.size(); ++i) {
      const auto hour = first_hour + static_cast<std::int64_t>(i);
      result[i].begins = from_milliseconds(hour * hour_ms);
    }
    const auto add = [&](std::string_view sql, std::int64_t HourFigures::*member) {
      add_counts(transaction.query(sql, from), result, first_hour, member);
    };
    add("SELECT (id >> 20) / 3600000, count(*) FROM message WHERE id >= ?1 GROUP BY 1",
        &HourFigures::received);
    add("SELECT (id >> 20) / 3600000, count(*) FROM message WHERE state = 'quarantined' AND "
        "id >= ?1 GROUP BY 1",
        &HourFigures::received_quarantined);
    add("SELECT (id >> 20) / 3600000, count(*) FROM delivery WHERE state = 'sent' AND id >= ?1 "
        "GROUP BY 1",
        &HourFigures::sent);
    add("SELECT (id >> 20) / 3600000, count(*) FROM delivery WHERE state = 'failed' AND id >= ?1 "
        "GROUP BY 1",
        &HourFigures::send_failed);
    add("SELECT (id >> 20) / 3600000, count(*) FROM handover WHERE state = 'acknowledged' AND "
        "id >= ?1 GROUP BY 1",
        &HourFigures::handed_over);
    add("SELECT (id >> 20) / 3600000, count(*) FROM handover WHERE state = 'parked' AND id >= ?1 "
        "GROUP BY 1",
        &HourFigures::handover_failed);
    add_queues(transaction, result, first_hour);
    return result;
  });
}

net::Task<Result<QueueFigures>> FiguresTable::queues() {
  return engine_.read([](Transaction& transaction) -> Result<QueueFigures> {
    QueueFigures figures;
    figures.queued = count(
        transaction.query("SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending')"));
    figures.held = count(transaction.query("SELECT count(*) FROM delivery WHERE state = 'held'"));
    auto oldest = transaction.query(
        "SELECT created_at FROM delivery WHERE state = 'queued' ORDER BY id LIMIT 1");
    if (oldest.step()) oldest.read(figures.oldest_queued_at);
    figures.handovers_waiting =
        count(transaction.query("SELECT count(*) FROM handover WHERE state = 'waiting'"));
    figures.handovers_parked =
        count(transaction.query("SELECT count(*) FROM handover WHERE state = 'parked'"));
    figures.quarantined =
        count(transaction.query("SELECT count(*) FROM message WHERE state = 'quarantined'"));
    return figures;
  });
}

net::Task<Result<QueuedBy>> FiguresTable::queued_by_integration() {
  return engine_.read([](Transaction& transaction) -> Result<QueuedBy> {
    QueuedBy all;
    auto query = transaction.query(
        "SELECT integration, count(*) FROM delivery "
        "WHERE state IN ('queued', 'sending', 'held') GROUP BY integration");
    while (query.step()) {
      auto& [id, count] = all.emplace_back();
      query.read(id, count);
    }
    return all;
  });
}

net::Task<Result<void>> FiguresTable::note_queue(QueueFigures queue, Instant now) {
  return engine_.write([queue, now](Transaction& transaction) -> Result<void> {
    const auto hour = to_milliseconds(now) / hour_ms;
    transaction.run(
        "INSERT INTO queue_hour (hour, outgoing, handovers) VALUES (?1, ?2, ?3) ON CONFLICT DO "
        "UPDATE SET outgoing = max(outgoing, excluded.outgoing), "
        "handovers = max(handovers, excluded.handovers)",
        hour, queue.queued, queue.handovers_waiting);
    transaction.run("DELETE FROM queue_hour WHERE hour < ?1", hour - figure_hours_max);
    return success();
  });
}

}  // namespace postern::storage
