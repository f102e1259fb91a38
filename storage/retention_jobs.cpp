// See retention.hpp. Rows first, durable, then their files: a crash in between leaves files without
// rows, which the next start removes.
#include "storage/retention_jobs.hpp"

#include "storage/columns.hpp"

#include <optional>
#include <string>

namespace postern::storage {
namespace {

// Used twice: what removable() found may be waited for again by the time it is removed.
constexpr const char* that_may_go =
    "m.state IN ('handed_over', 'ignored') AND NOT EXISTS (SELECT 1 FROM handover h "
    "WHERE h.message = m.id AND h.state IN ('waiting', 'parked'))";

struct RemovedWithFiles {
  RemovedRows rows;
  std::vector<std::string> files;
};

/// The row that a DELETE … RETURNING size_bytes, spool_file gave.
void take_removed(Query& query, RemovedWithFiles& removed) {
  std::uint64_t size_bytes = 0;
  std::optional<std::string> file;
  query.read(size_bytes, file);
  ++removed.rows.count;
  removed.rows.bytes += size_bytes;
  if (file) removed.files.push_back(std::move(*file));
}

/// Ids follow time; the clock may have been set back by an hour, not by a day.
std::int64_t ids_before(Instant time) {
  return IdSource::first_at(time + std::chrono::hours(24));
}

std::vector<DeliveryId> ended_deliveries(Transaction& transaction, Instant before, bool& more) {
  std::vector<DeliveryId> ids;
  std::uint64_t bytes = 0;
  auto query = transaction.query(
      "SELECT id, size_bytes FROM delivery d WHERE id < ?1 AND (state IN ('sent', 'failed', "
      "'cancelled') OR (state = 'unknown' AND next_attempt_at IS NULL)) AND coalesce((SELECT "
      "max(coalesce(ended_at, began_at)) FROM delivery_attempt a WHERE a.delivery = d.id), "
      "created_at) < ?2 ORDER BY id LIMIT ?3",
      ids_before(before), before, retention_job_rows);
  while (query.step()) {
    DeliveryId id;
    std::uint64_t size_bytes = 0;
    query.read(id, size_bytes);
    bytes += size_bytes;
    more = !ids.empty() && bytes > retention_job_bytes;
    if (more) return ids;
    ids.push_back(id);
  }
  more = static_cast<int>(ids.size()) == retention_job_rows;
  return ids;
}

}  // namespace

net::Task<Result<StoredAmount>> RetentionJobs::amount() {
  return engine_.read([](Transaction& transaction) -> Result<StoredAmount> {
    StoredAmount amount;
    auto query = transaction.query("SELECT count(*), coalesce(sum(size_bytes), 0) FROM message");
    if (query.step()) query.read(amount.messages, amount.bytes);
    return amount;
  });
}

net::Task<Result<RemovablePage>> RetentionJobs::removable(MessageId after) {
  return engine_.read([after](Transaction& transaction) -> Result<RemovablePage> {
    RemovablePage page;
    page.last = after;
    int looked_at = 0;
    auto query =
        transaction.query(std::string("SELECT m.id, m.stored_at, m.size_bytes, ") + that_may_go +
                              " FROM message m WHERE m.id > ?1 ORDER BY m.id LIMIT ?2",
                          after, retention_scan_rows);
    while (query.step()) {
      RemovableMail mail;
      bool may_go = false;
      query.read(mail.id, mail.stored_at, mail.size_bytes, may_go);
      page.last = mail.id;
      ++looked_at;
      if (may_go) page.mails.push_back(mail);
    }
    page.more = looked_at == retention_scan_rows;
    return page;
  });
}

net::Task<Result<void>> RetentionJobs::remove_files(std::vector<std::string> names) {
  return engine_.read([names = std::move(names), &spool = engine_.spool](Transaction&) {
    return spool.remove_durably(names);
  });
}

net::Task<Result<RemovedRows>> RetentionJobs::remove_messages(std::vector<MessageId> ids) {
  POSTERN_ASSERT(ids.size() <= static_cast<std::size_t>(retention_job_rows));
  POSTERN_CO_TRY(auto removed,
                 co_await engine_.write(
                     [ids = std::move(ids)](Transaction& transaction) -> Result<RemovedWithFiles> {
                       RemovedWithFiles gone;
                       for (const auto id : ids) {
                         auto query = transaction.query(
                             std::string("DELETE FROM message AS m WHERE m.id = ?1 AND ") +
                                 that_may_go + " RETURNING size_bytes, spool_file",
                             id);
                         while (query.step()) take_removed(query, gone);
                       }
                       return gone;
                     }));
  if (!removed.files.empty()) {
    POSTERN_CO_TRY(co_await remove_files(std::move(removed.files)));
  }
  co_return removed.rows;
}

net::Task<Result<RemovedRows>> RetentionJobs::remove_events(Instant before) {
  return engine_.write([before](Transaction& transaction) -> Result<RemovedRows> {
    transaction.run(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id < ?1 AND at < ?2 "
        "ORDER BY id LIMIT ?3)",
        ids_before(before), before, retention_job_rows);
    RemovedRows rows;
    rows.count = static_cast<int>(transaction.database.changes());
    rows.more = rows.count == retention_job_rows;
    return rows;
  });
}

net::Task<Result<RemovedRows>> RetentionJobs::remove_deliveries(Instant before) {
  POSTERN_CO_TRY(
      auto removed,
      co_await engine_.write([before](Transaction& transaction) -> Result<RemovedWithFiles> {
        RemovedWithFiles gone;
        for (const auto id : ended_deliveries(transaction, before, gone.rows.more)) {
          auto query = transaction.query(
              "DELETE FROM delivery WHERE id = ?1 RETURNING size_bytes, spool_file", id);
          while (query.step()) take_removed(query, gone);
        }
        return gone;
      }));
  if (!removed.files.empty()) {
    POSTERN_CO_TRY(co_await remove_files(std::move(removed.files)));
  }
  co_return removed.rows;
}

}  // namespace postern::storage
