// See waits.hpp.
#include "storage/waits.hpp"

#include "storage/columns.hpp"
#include "storage/id_source.hpp"
#include "storage/retention_jobs.hpp"

#include <string_view>

namespace postern::storage {
namespace {

// ?1 is what the clock was set by. What waits for a person's hour of the day (a telling, at night)
// is looked at again when it is due.
constexpr const char* when_set_back[] = {
    // ?2: now; what is not in the future is due
    "UPDATE handover SET due = due + ?1 WHERE state = 'waiting' AND due > ?2",
    "UPDATE pull_lease SET until = until + ?1 WHERE until > ?2",
    "UPDATE delivery SET next_attempt_at = next_attempt_at + ?1 WHERE next_attempt_at > ?2 AND "
    "sync = 0 AND (attempts > 0 OR next_attempt_at <= created_at)",
    "UPDATE sent_copy SET due = due + ?1 WHERE due > ?2",
    "UPDATE after_fetch SET due = due + ?1 WHERE state IN ('due', 'copied') AND due > ?2",
    "UPDATE copy_action SET due = due + ?1 WHERE state IN ('due', 'copied') AND due > ?2",
    "UPDATE message_trouble SET next_try_at = next_try_at + ?1 WHERE next_try_at > ?2",
    "UPDATE event_pace SET last_at = last_at + ?1, free_at = free_at + ?1 WHERE free_at > ?2",
    "UPDATE event_run SET due = due + ?1 WHERE state = 'waiting' AND due > ?2",
    "UPDATE notice_telling SET due = due + ?1 WHERE state = 'waiting' AND due > ?2",
    "INSERT OR REPLACE INTO message_since (message, at) SELECT m.id, coalesce(s.at, m.stored_at) + "
    "?1 FROM message m LEFT JOIN message_since s ON s.message = m.id WHERE m.state IN ('stored', "
    "'quarantined', 'held') AND coalesce(s.at, m.stored_at) > ?2",
    "UPDATE delivery SET created_at = created_at + ?1 WHERE state IN ('queued', 'sending', "
    "'unknown', 'held') AND created_at > ?2",
    "UPDATE idempotency SET at = at + ?1 WHERE at > ?2",
    "UPDATE clock_note SET leapt_at = leapt_at + ?1 WHERE leapt_at > ?2",
};
constexpr const char* when_set_forward[] = {
    // ?2: first; what is before it is of the former clock
    "UPDATE after_fetch SET due = due + ?1 WHERE state IN ('due', 'copied') AND message IN "
    "(SELECT id FROM message WHERE stored_at < ?2)",
    "UPDATE copy_action SET due = due + ?1 WHERE state IN ('due', 'copied') AND message IN "
    "(SELECT id FROM message WHERE stored_at < ?2)",
    "UPDATE notice_telling SET due = due + ?1 WHERE state = 'waiting' AND due < ?2",
    "INSERT OR REPLACE INTO message_since (message, at) SELECT m.id, coalesce(s.at, m.stored_at) + "
    "?1 FROM message m LEFT JOIN message_since s ON s.message = m.id WHERE m.state IN ('stored', "
    "'quarantined', 'held') AND coalesce(s.at, m.stored_at) < ?2",
    "UPDATE delivery SET created_at = created_at + ?1 WHERE state IN ('queued', 'sending', "
    "'unknown', 'held') AND created_at < ?2",
    "UPDATE idempotency SET at = at + ?1 WHERE at < ?2",
};

// A clock that was set and set back between two looks is not seen, but what it wrote meanwhile is:
// no next try is further away than a week, and nothing is of the future. ?1: now, ?2: a week later,
// ?3: ids from now on. Done every few minutes, so each is to find its rows by an index (`sync = 0`
// is delivery_due's): nothing here may hold up a commit by reading a million rows.
constexpr const char* of_the_future[] = {
    "UPDATE handover SET due = ?1 WHERE state = 'waiting' AND due > ?2",
    "UPDATE delivery SET next_attempt_at = ?1 WHERE next_attempt_at > ?2 AND sync = 0 AND "
    "(attempts > 0 OR next_attempt_at <= created_at)",
    "UPDATE sent_copy SET due = ?1 WHERE due > ?2",
    "UPDATE message_trouble SET next_try_at = ?1 WHERE next_try_at > ?2",
    "UPDATE event_run SET due = ?1 WHERE state = 'waiting' AND due > ?2",
    "UPDATE notice_telling SET due = ?1 WHERE state = 'waiting' AND due > ?2",
    "UPDATE delivery SET created_at = ?1 WHERE state IN ('queued', 'sending', 'unknown', 'held') "
    "AND id >= ?3 AND created_at > ?1",
    "UPDATE after_fetch SET due = due - (SELECT coalesce(s.at, m.stored_at) FROM message m LEFT "
    "JOIN message_since s ON s.message = m.id WHERE m.id = after_fetch.message) + ?1 WHERE state "
    "IN ('due', 'copied') AND message IN (SELECT m.id FROM message m LEFT JOIN message_since s ON "
    "s.message = m.id WHERE m.id >= ?3 AND coalesce(s.at, m.stored_at) > ?1)",
    "INSERT OR REPLACE INTO message_since (message, at) SELECT m.id, ?1 FROM message m LEFT JOIN "
    "message_since s ON s.message = m.id WHERE m.id >= ?3 AND coalesce(s.at, m.stored_at) > ?1",
};
constexpr Duration longest_wait = std::chrono::hours(24 * 7);

void put_right(Transaction& transaction, Instant now) {
  const auto ids = IdSource::first_at(now);
  for (const auto* sql : of_the_future) {
    const bool by_id = std::string_view(sql).find("?3") != std::string_view::npos;
    auto query = by_id ? transaction.query(sql, now, now + longest_wait, ids)
                       : transaction.query(sql, now, now + longest_wait);
    query.run();
  }
}

void put_clock(Transaction& transaction, Instant now) {
  transaction.run(
      "INSERT INTO clock_note (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = ?1", now);
}

void put_leap(Transaction& transaction, Instant now) {
  transaction.run("UPDATE clock_note SET leapt_at = ?1", now);
}

net::Task<Result<std::optional<Instant>>> read_note(Engine& engine, const char* sql) {
  return engine.read([sql](Transaction& transaction) -> Result<std::optional<Instant>> {
    std::optional<Instant> at;
    auto query = transaction.query(sql);
    if (query.step()) query.read(at);
    return at;
  });
}

}  // namespace

net::Task<Result<void>> RetentionJobs::clock_moved(ClockMove move) {
  return engine_.write([move](Transaction& transaction) -> Result<void> {
    if (move.by < Duration(0)) {
      for (const auto* sql : when_set_back) transaction.run(sql, move.by.count(), move.now);
    } else {
      for (const auto* sql : when_set_forward) transaction.run(sql, move.by.count(), move.first);
    }
    put_clock(transaction, move.now);
    if (move.by > clock_leap) put_leap(transaction, move.now);
    return success();
  });
}

net::Task<Result<void>> RetentionJobs::note_clock(Instant now) {
  return engine_.write([now](Transaction& transaction) -> Result<void> {
    put_right(transaction, now);
    put_clock(transaction, now);
    return success();
  });
}

net::Task<Result<std::optional<Instant>>> RetentionJobs::noted_clock() {
  return read_note(engine_, "SELECT at FROM clock_note");
}

net::Task<Result<void>> RetentionJobs::note_leap(Instant now) {
  return engine_.write([now](Transaction& transaction) -> Result<void> {
    put_clock(transaction, now);
    put_leap(transaction, now);
    return success();
  });
}

net::Task<Result<std::optional<Instant>>> RetentionJobs::last_leap() {
  return read_note(engine_, "SELECT leapt_at FROM clock_note");
}

Waits* waits_of(Retention& retention) {
  return dynamic_cast<Waits*>(&retention);
}

}  // namespace postern::storage
