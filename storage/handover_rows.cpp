// See handover_rows.hpp.
#include "storage/handover_rows.hpp"

#include "storage/columns.hpp"

namespace postern::storage {

Handover read_handover(Query& query) {
  Handover row;
  std::string state;
  query.read(row.id, row.message, row.target, row.attempts, row.due, state, row.last_status,
             row.last_error, row.created_at);
  row.state = known(parse_handover_state(state), state);
  return row;
}

std::vector<Handover> handovers_of(Transaction& transaction, MessageId message) {
  std::vector<Handover> rows;
  auto query = transaction.query(
      "SELECT id, message, target, attempts, due, state, last_status, last_error, created_at "
      "FROM handover WHERE message = ?1 ORDER BY id",
      message);
  while (query.step()) rows.push_back(read_handover(query));
  return rows;
}

std::optional<Handover> insert_handover(Transaction& transaction, MessageId message,
                                        TargetId target, Instant at) {
  Handover row;
  row.id = transaction.new_id<HandoverId>();
  row.message = message;
  row.target = target;
  row.due = at;
  row.created_at = at;
  transaction.run(
      "INSERT INTO handover (id, message, target, state, attempts, due, last_status, last_error, "
      "created_at) SELECT ?1, ?2, id, 'waiting', 0, ?4, 0, '', ?4 FROM target "
      "WHERE id = ?3 AND removed_at IS NULL",
      row.id, message, target, at);
  if (transaction.database.changes() == 0) return std::nullopt;
  return row;
}

bool on_lease(Transaction& transaction, HandoverId id, Instant now) {
  return transaction
      .query("SELECT 1 FROM pull_lease WHERE handover = ?1 AND state = 'held' AND until > ?2", id,
             now)
      .step();
}

void settle_message(Transaction& transaction, MessageId message) {
  int required = 0, required_done = 0, all = 0, all_done = 0;
  {
    // SQLite gives the bare columns of the row that has the maximum.
    auto query = transaction.query(
        "SELECT count(*), coalesce(sum(done), 0), coalesce(sum(required), 0), "
        "coalesce(sum(required AND done), 0) FROM ("
        "SELECT max(h.id), h.state = 'acknowledged' AS done, t.required AS required "
        "FROM handover h JOIN target t ON t.id = h.target "
        "WHERE h.message = ?1 AND h.state <> 'cancelled' GROUP BY h.target)",
        message);
    if (query.step()) query.read(all, all_done, required, required_done);
  }
  const bool done = required > 0 ? required_done == required : all > 0 && all_done == all;
  if (!done) return;
  transaction.run("UPDATE message SET state = 'handed_over' WHERE id = ?1 AND state = 'stored'",
                  message);
}

}  // namespace postern::storage
