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
            "SELECT a.message, 0, a.outcome, a.state = 'copied', m.folder AS folder, "
            "coalesce(p.uid_validity, m.uid_validity), coalesce(p.uid, m.uid) AS uid, m.message_id "
            "FROM after_fetch a JOIN message m ON m.id = a.message "
            "LEFT JOIN mail_place p ON p.message = a.message "
            "WHERE a.integration = ?1 AND a.state IN ('due', 'copied') AND a.due <= ?2 AND "
            "NOT EXISTS (SELECT 1 FROM message_trouble t WHERE t.message = a.message "
            "AND t.next_try_at IS NOT NULL) "
            "AND NOT (a.outcome = 'too_large' AND (m.digested = 0 OR EXISTS (SELECT 1 FROM "
            "handover h JOIN "
            "target t ON t.id = h.target WHERE h.message = a.message AND t.required AND h.state IN "
            "('waiting', 'parked')))) "
            "UNION ALL "
            "SELECT c.message, c.id, c.outcome, c.state = 'copied', c.folder, c.uid_validity, "
            "c.uid, m.message_id FROM copy_action c JOIN message m ON m.id = c.message "
            "WHERE c.integration = ?1 AND c.state IN ('due', 'copied') AND c.due <= ?2 "
            "ORDER BY folder, uid LIMIT ?3",
            integration, now, limit);
        std::vector<DueAction> rows;
        while (query.step()) {
          auto& row = rows.emplace_back();
          std::string outcome;
          query.read(row.message, row.copy, outcome, row.copied, row.folder, row.uid_validity,
                     row.uid, row.message_id);
          row.outcome = known(parse_message_state(outcome), outcome);
        }
        return rows;
      });
}

net::Task<Result<std::optional<Instant>>> AfterFetchTable::next_due(IntegrationId integration) {
  return engine_.read([integration](Transaction& transaction) -> Result<std::optional<Instant>> {
    auto query = transaction.query(
        "SELECT min(due) FROM (SELECT * FROM (SELECT a.due AS due FROM after_fetch a JOIN message "
        "m ON "
        "m.id = a.message WHERE a.integration = ?1 "
        "AND a.state IN ('due', 'copied') AND NOT EXISTS (SELECT 1 FROM message_trouble t WHERE "
        "t.message = a.message AND t.next_try_at IS NOT NULL) "
        "AND NOT (a.outcome = 'too_large' AND (m.digested = 0 OR EXISTS (SELECT 1 FROM handover h "
        "JOIN "
        "target t ON t.id = h.target WHERE h.message = a.message AND t.required AND h.state IN "
        "('waiting', 'parked')))) "
        "ORDER BY a.due LIMIT 1) "
        "UNION ALL SELECT * FROM (SELECT due FROM copy_action WHERE integration = ?1 AND state IN "
        "('due', 'copied') ORDER BY due LIMIT 1))",
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
      if (each.copy != 0) {
        transaction.run(
            "UPDATE copy_action SET state = ?2 WHERE id = ?1 AND state IN ('due', 'copied')",
            each.copy, word_of(each.end));
        continue;
      }
      transaction.run(
          "UPDATE after_fetch SET state = ?2 WHERE message = ?1 AND state IN ('due', 'copied')",
          each.message, word_of(each.end));
    }
    append_events(transaction, events);
    return success();
  });
}

namespace {

// Whether the newest place of the mail itself is this one.
bool is_own_place(Transaction& transaction, MessageId message, const std::string& folder,
                  std::uint32_t uid_validity, std::uint32_t uid) {
  return transaction
      .query(
          "SELECT 1 FROM message m LEFT JOIN mail_place p ON p.message = m.id WHERE m.id = ?1 AND "
          "m.folder = ?2 AND coalesce(p.uid_validity, m.uid_validity) = ?3 AND "
          "coalesce(p.uid, m.uid) = ?4",
          message, folder, uid_validity, uid)
      .step();
}

}  // namespace

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
  if (transaction.database.changes() > 0) {
    // It was taken away there once: this is a mail that came back under other numbers.
    reopen_action(transaction, message);
    return;
  }
  if (is_own_place(transaction, message, folder, uid_validity, uid)) return;
  transaction.run(
      "DELETE FROM copy_action WHERE message = ?1 AND folder = ?2 AND uid_validity <> ?3 AND "
      "state IN ('due', 'copied')",
      message, folder, uid_validity);
  transaction.run(
      "INSERT OR IGNORE INTO copy_action (message, integration, folder, uid_validity, uid, "
      "outcome, due, state) SELECT a.message, a.integration, ?2, ?3, ?4, a.outcome, a.due, 'due' "
      "FROM after_fetch a JOIN after_fetch_policy p ON p.integration = a.integration AND "
      "p.outcome = a.outcome WHERE a.message = ?1 AND p.action <> 'none' AND "
      "a.state IN ('due', 'copied', 'done', 'gone')",
      message, folder, uid_validity, uid);
}

void reopen_action(Transaction& transaction, MessageId message) {
  transaction.run(
      "UPDATE after_fetch SET state = 'due' WHERE message = ?1 AND state IN ('done', 'gone') AND "
      "EXISTS (SELECT 1 FROM after_fetch_policy p WHERE p.integration = after_fetch.integration "
      "AND p.outcome = after_fetch.outcome AND p.action IN ('delete', 'move'))",
      message);
}

}  // namespace postern::storage
