// See after_fetch_table.hpp.
//
//   due → copied → done        due, copied → done | refused | gone | not_wanted
#include "storage/after_fetch_table.hpp"

#include "storage/columns.hpp"
#include "storage/events_table.hpp"

namespace postern::storage {
namespace {

std::string_view word_of(ActionEnd end) {
  switch (end) {
    case ActionEnd::copied:
      return "copied";
    case ActionEnd::done:
      return "done";
    case ActionEnd::refused:
      return "refused";
    case ActionEnd::gone:
      return "gone";
    case ActionEnd::not_wanted:
      return "not_wanted";
  }
  return "done";
}

}  // namespace

net::Task<Result<std::vector<DueAction>>> AfterFetchTable::due(IntegrationId integration,
                                                               Instant now, int limit) {
  return engine_.read(
      [integration, now, limit](Transaction& transaction) -> Result<std::vector<DueAction>> {
        auto query = transaction.query(
            "SELECT a.message, a.outcome, a.state = 'copied', m.folder, "
            "coalesce(p.uid_validity, m.uid_validity), coalesce(p.uid, m.uid) AS uid, m.message_id "
            "FROM after_fetch a JOIN message m ON m.id = a.message "
            "LEFT JOIN mail_place p ON p.message = a.message "
            "WHERE a.integration = ?1 AND a.state IN ('due', 'copied') AND a.due <= ?2 "
            "ORDER BY m.folder, uid LIMIT ?3",
            integration, now, limit);
        std::vector<DueAction> rows;
        while (query.step()) {
          auto& row = rows.emplace_back();
          std::string outcome;
          query.read(row.message, outcome, row.copied, row.folder, row.uid_validity, row.uid,
                     row.message_id);
          row.outcome = known(parse_message_state(outcome), outcome);
        }
        return rows;
      });
}

net::Task<Result<std::optional<Instant>>> AfterFetchTable::next_due(IntegrationId integration) {
  return engine_.read([integration](Transaction& transaction) -> Result<std::optional<Instant>> {
    auto query = transaction.query(
        "SELECT min(due) FROM after_fetch WHERE integration = ?1 AND state IN ('due', 'copied')",
        integration);
    std::optional<Instant> due;
    if (query.step()) query.read(due);
    return due;
  });
}

net::Task<Result<void>> AfterFetchTable::record(std::vector<EndedAction> ended,
                                                std::vector<NewEvent> events) {
  return engine_.write([ended = std::move(ended),
                        events = std::move(events)](Transaction& transaction) -> Result<void> {
    for (const auto& each : ended) {
      transaction.run(
          "UPDATE after_fetch SET state = ?2 WHERE message = ?1 AND state IN ('due', 'copied')",
          each.message, word_of(each.end));
    }
    append_events(transaction, events);
    return success();
  });
}

void note_place(Transaction& transaction, MessageId message, const std::string& folder,
                std::uint32_t uid_validity, std::uint32_t uid) {
  // The place it was stored from under the same UIDVALIDITY stays good: then this is a further
  // copy.
  transaction.run(
      "INSERT INTO mail_place (message, uid_validity, uid) SELECT id, ?3, ?4 FROM message "
      "WHERE id = ?1 AND folder = ?2 AND uid_validity <> ?3 "
      "ON CONFLICT DO UPDATE SET uid_validity = excluded.uid_validity, uid = excluded.uid "
      "WHERE mail_place.uid_validity <> excluded.uid_validity",
      message, folder, uid_validity, uid);
}

}  // namespace postern::storage
