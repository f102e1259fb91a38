// See handovers_table.hpp.
//
//   waiting → waiting (a failed attempt, due later) | acknowledged | parked | cancelled
//   parked  → waiting (retry)
#include "storage/handovers_table.hpp"

#include "storage/columns.hpp"
#include "storage/events_table.hpp"
#include "storage/handover_rows.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "handovers";

std::string select_handover(std::string_view rest) {
  std::string sql("SELECT ");
  sql += handover_columns;
  sql += " FROM handover ";
  sql += rest;
  return sql;
}

Result<Handover> get_handover(Transaction& transaction, HandoverId id) {
  auto query = transaction.query(select_handover("WHERE id = ?1"), id);
  if (!query.step()) return Error{errc::not_found, "hand-over " + id.str()};
  return read_handover(query);
}

/// The one that waits already, made due now.
std::optional<Handover> hurry_waiting(Transaction& transaction, MessageId message, TargetId target,
                                      Instant now) {
  std::optional<Handover> row;
  {
    auto query = transaction.query(
        select_handover("WHERE message = ?1 AND target = ?2 AND state = 'waiting' LIMIT 1"),
        message, target);
    if (query.step()) row = read_handover(query);
  }
  if (!row || row->due <= now || on_lease(transaction, row->id, now)) return row;
  transaction.run("UPDATE handover SET due = ?2 WHERE id = ?1", row->id, now);
  row->due = now;
  return row;
}

/// The least number of attempts.
int attempts_of(HandoverChoice choice) {
  return choice == HandoverChoice::tried_before ? 1 : 0;
}

void put_progress(Transaction& transaction, HandoverId id, const std::string& progress) {
  transaction.run(
      "INSERT INTO handover_progress (handover, progress) VALUES (?1, ?2) "
      "ON CONFLICT DO UPDATE SET progress = excluded.progress",
      id, progress);
}

void put_ticket(Transaction& transaction, TargetId target, const ThreadTicket& ticket, Instant at) {
  if (ticket.ticket.empty()) {
    transaction.run("DELETE FROM target_ticket WHERE target = ?1 AND thread = ?2", target,
                    ticket.thread);
    return;
  }
  transaction.run(
      "INSERT INTO target_ticket (target, thread, ticket, at) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT DO UPDATE SET ticket = excluded.ticket, at = excluded.at",
      target, ticket.thread, ticket.ticket, at);
}

void note_status(Transaction& transaction, TargetId target, const HandoverAttempt& attempt) {
  if (attempt.state == HandoverState::acknowledged) {
    note_target_success(transaction, target, attempt.at);
  } else if (attempt.target_failed) {
    note_target_failure(transaction, target,
                        {attempt.at, attempt.status, attempt.error, attempt.hint});
  } else if (attempt.status != 0) {
    note_target_answered(transaction, target);
  }
}

Error wrong_state(const Handover& row) {
  return Error{errc::wrong_state, "the hand-over is " + std::string(to_string(row.state))};
}

/// Why nothing was written; nothing when it was.
std::optional<Error> put_attempt(Transaction& transaction, const EndedAttempt& ended) {
  const auto& [id, attempt, events] = ended;
  const auto found = get_handover(transaction, id);
  if (!found) return found.error();
  const auto& row = found.value();
  // Called off while it was under way, and taken nevertheless: that is what is true.
  const bool taken =
      row.state == HandoverState::cancelled && attempt.state == HandoverState::acknowledged;
  if (row.state != HandoverState::waiting && !taken) return wrong_state(row);
  transaction.run(
      "UPDATE handover SET state = ?2, attempts = attempts + 1, due = ?3, last_status = ?4, "
      "last_error = ?5 WHERE id = ?1",
      id, to_string(attempt.state), attempt.due, attempt.status, attempt.error);
  transaction.run(
      "INSERT INTO handover_attempt (handover, number, at, status, error) "
      "VALUES (?1, ?2, ?3, ?4, ?5)",
      id, row.attempts + 1, attempt.at, attempt.status, attempt.error);
  note_status(transaction, row.target, attempt);
  if (attempt.progress) put_progress(transaction, id, *attempt.progress);
  if (attempt.ticket) put_ticket(transaction, row.target, *attempt.ticket, attempt.at);
  if (attempt.state == HandoverState::acknowledged) settle_message(transaction, row.message);
  append_events(transaction, events);
  return std::nullopt;
}

}  // namespace

net::Task<Result<std::vector<Handover>>> HandoversTable::due(TargetId target, Instant now,
                                                             int limit, HandoverChoice choice) {
  return engine_.read([target, now, limit,
                       choice](Transaction& transaction) -> Result<std::vector<Handover>> {
    auto query =
        transaction.query(select_handover("WHERE target = ?1 AND state = 'waiting' AND due <= ?2 "
                                          "AND attempts >= ?4 ORDER BY due, id LIMIT ?3"),
                          target, now, limit, attempts_of(choice));
    std::vector<Handover> rows;
    while (query.step()) rows.push_back(read_handover(query));
    return rows;
  });
}

net::Task<Result<std::optional<Instant>>> HandoversTable::next_due(TargetId target,
                                                                   std::optional<Instant> after,
                                                                   HandoverChoice choice) {
  return engine_.read(
      [target, after, choice](Transaction& transaction) -> Result<std::optional<Instant>> {
        auto query = transaction.query(
            "SELECT min(due) FROM handover WHERE target = ?1 AND state = 'waiting' AND "
            "attempts >= ?2 AND (?3 IS NULL OR due > ?3)",
            target, attempts_of(choice), after);
        std::optional<Instant> due;
        if (query.step()) query.read(due);
        return due;
      });
}

net::Task<Result<std::string>> HandoversTable::progress(HandoverId id) {
  return engine_.read([id](Transaction& transaction) -> Result<std::string> {
    auto query =
        transaction.query("SELECT progress FROM handover_progress WHERE handover = ?1", id);
    std::string progress;
    if (query.step()) query.read(progress);
    return progress;
  });
}

net::Task<Result<void>> HandoversTable::note_progress(HandoverId id, std::string progress) {
  return engine_.write(
      [id, progress = std::move(progress)](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(get_handover(transaction, id));
        put_progress(transaction, id, progress);
        return success();
      });
}

net::Task<Result<std::string>> HandoversTable::ticket_of(TargetId target, std::string thread) {
  return engine_.read(
      [target, thread = std::move(thread)](Transaction& transaction) -> Result<std::string> {
        auto query = transaction.query(
            "SELECT ticket FROM target_ticket WHERE target = ?1 AND thread = ?2", target, thread);
        std::string ticket;
        if (query.step()) query.read(ticket);
        return ticket;
      });
}

net::Task<Result<std::vector<std::optional<Error>>>> HandoversTable::record_attempts(
    std::vector<EndedAttempt> ended) {
  return engine_.write([ended = std::move(ended)](
                           Transaction& transaction) -> Result<std::vector<std::optional<Error>>> {
    std::vector<std::optional<Error>> refusals;
    refusals.reserve(ended.size());
    for (const auto& each : ended) refusals.push_back(put_attempt(transaction, each));
    return refusals;
  });
}

net::Task<Result<void>> Handovers::record_attempt(HandoverId id, HandoverAttempt attempt,
                                                  std::vector<NewEvent> events) {
  std::vector<EndedAttempt> ended;
  ended.push_back({id, std::move(attempt), std::move(events)});
  POSTERN_CO_TRY(auto refusals, co_await record_attempts(std::move(ended)));
  if (refusals.front()) co_return std::move(*refusals.front());
  co_return success();
}

net::Task<Result<Handover>> HandoversTable::retry(HandoverId id, Instant now) {
  return engine_.write([id, now](Transaction& transaction) -> Result<Handover> {
    POSTERN_TRY(auto row, get_handover(transaction, id));
    if (row.state != HandoverState::waiting && row.state != HandoverState::parked) {
      return wrong_state(row);
    }
    if (on_lease(transaction, id, now)) {
      return Error{errc::wrong_state, "a consumer holds the mail; its lease ends by itself"};
    }
    transaction.run("UPDATE handover SET state = 'waiting', due = ?2 WHERE id = ?1", id, now);
    return get_handover(transaction, id);
  });
}

namespace {

/// Of a mail that could not be downloaded there is nothing to hand over.
Result<void> require_bytes(Transaction& transaction, MessageId message) {
  auto found = transaction.query(
      "SELECT m.state = 'quarantined' AND m.sha256 = '', coalesce(t.reason, '') FROM message m "
      "LEFT JOIN message_trouble t ON t.message = m.id WHERE m.id = ?1",
      message);
  if (!found.step()) return Error{errc::not_found, "message " + message.str()};
  bool missing = false;
  std::string reason;
  found.read(missing, reason);
  if (!missing) return success();
  return Error{errc::wrong_state, "Its bytes are not here, they could not be had: " + reason};
}

}  // namespace

net::Task<Result<std::vector<Handover>>> HandoversTable::hand_over_again(
    MessageId message, std::vector<TargetId> targets, Instant now) {
  return engine_.write([message, targets = std::move(targets),
                        now](Transaction& transaction) -> Result<std::vector<Handover>> {
    POSTERN_TRY(require_bytes(transaction, message));
    // What rules or lists kept back is let go.
    transaction.run(
        "UPDATE message SET state = 'stored' WHERE id = ?1 AND sha256 <> '' AND "
        "state IN ('ignored', 'held', 'quarantined')",
        message);
    std::vector<Handover> rows;
    for (const auto target : targets) {
      if (auto waiting = hurry_waiting(transaction, message, target, now)) {
        rows.push_back(std::move(*waiting));
        continue;
      }
      auto row = insert_handover(transaction, message, target, now);
      if (!row) return Error{errc::not_found, "target " + target.str()};
      rows.push_back(std::move(*row));
    }
    return rows;
  });
}

net::Task<Result<Page<Handover>>> HandoversTable::list(HandoverFilter filter, PageRequest page) {
  return engine_.read(
      [filter, page = std::move(page)](Transaction& transaction) -> Result<Page<Handover>> {
        POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
        std::string rest = "WHERE id < ?2";
        std::optional<std::string_view> state;
        if (filter.state) state = to_string(*filter.state);
        if (filter.target) rest += " AND target = ?3";
        if (state) rest += " AND state = ?4";
        if (filter.message) rest += " AND message = ?5";
        rest += " ORDER BY id DESC LIMIT ?1";
        return read_page<Handover>(transaction.query(select_handover(rest), page.limit + 1, below,
                                                     filter.target, state, filter.message),
                                   list_name, page.limit, read_handover);
      });
}

net::Task<Result<std::uint64_t>> HandoversTable::waiting(TargetId target) {
  return engine_.read([target](Transaction& transaction) -> Result<std::uint64_t> {
    auto query = transaction.query(
        "SELECT count(*) FROM handover WHERE target = ?1 AND state = 'waiting'", target);
    std::uint64_t count = 0;
    if (query.step()) query.read(count);
    return count;
  });
}

}  // namespace postern::storage
