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
            "SELECT a.message, 0, a.outcome, a.state = 'copied', p.folder AS folder, "
            "p.uid_validity, p.uid AS uid, m.message_id, EXISTS (SELECT 1 FROM message n WHERE "
            "n.integration = m.integration AND n.folder = p.folder AND "
            "n.uid_validity = p.uid_validity AND n.uid = p.uid AND n.id > m.id) "
            "FROM after_fetch a JOIN message m ON m.id = a.message "
            "JOIN mail_at p ON p.message = a.message "
            "WHERE a.integration = ?1 AND a.state IN ('due', 'copied') AND a.due <= ?2 AND "
            "NOT EXISTS (SELECT 1 FROM message_trouble t WHERE t.message = a.message "
            "AND t.next_try_at IS NOT NULL) "
            "AND NOT (a.outcome = 'too_large' AND (m.digested = 0 OR EXISTS (SELECT 1 FROM "
            "handover h JOIN "
            "target t ON t.id = h.target WHERE h.message = a.message AND t.required AND h.state IN "
            "('waiting', 'parked')))) "
            "UNION ALL "
            "SELECT c.message, c.id, c.outcome, c.state = 'copied', c.folder, c.uid_validity, "
            "c.uid, m.message_id, EXISTS (SELECT 1 FROM message n WHERE "
            "n.integration = c.integration AND n.folder = c.folder AND "
            "n.uid_validity = c.uid_validity AND n.uid = c.uid AND n.id > m.id) "
            "FROM copy_action c JOIN message m ON m.id = c.message "
            "WHERE c.integration = ?1 AND c.state IN ('due', 'copied') AND c.due <= ?2 "
            "ORDER BY folder, uid LIMIT ?3",
            integration, now, limit);
        std::vector<DueAction> rows;
        while (query.step()) {
          auto& row = rows.emplace_back();
          std::string outcome;
          query.read(row.message, row.copy, outcome, row.copied, row.folder, row.uid_validity,
                     row.uid, row.message_id, row.uid_is_anothers);
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

void reopen_action(Transaction& transaction, MessageId message) {
  transaction.run(
      "UPDATE after_fetch SET state = 'due' WHERE message = ?1 AND state IN ('done', 'gone') AND "
      "EXISTS (SELECT 1 FROM after_fetch_policy p WHERE p.integration = after_fetch.integration "
      "AND p.outcome = after_fetch.outcome AND p.action IN ('delete', 'move'))",
      message);
}

}  // namespace postern::storage
