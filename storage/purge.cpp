#include "storage/purge.hpp"

#include "storage/audit.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/messages_table.hpp"
#include "storage/threads_table.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace postern::storage {
namespace {

/// A table whose rows go by age. Kept by reference: of static life.
template <class... Key>
struct Aged {
  using Row = std::tuple<Key...>;
  std::string_view find;    // ?1: what is older goes, ?2: the most rows
  std::string_view remove;  // the key, then ?1 of `find` again: it may have been renewed since
};

const Aged<std::int64_t, std::string, std::string> seen{
    "SELECT integration, sha256, message_id FROM message_seen WHERE at < ?1 LIMIT ?2",
    "DELETE FROM message_seen WHERE integration = ?1 AND sha256 = ?2 AND message_id = ?3 AND "
    "at < ?4"};
const Aged<std::int64_t, std::int64_t> seen_by_gmail{
    "SELECT integration, gmail_id FROM gmail_seen WHERE at < ?1 LIMIT ?2",
    "DELETE FROM gmail_seen WHERE integration = ?1 AND gmail_id = ?2 AND at < ?3"};
// Where a mail that is still there was found first stays known.
const Aged<std::int64_t, std::string, std::int64_t, std::int64_t> places{
    "SELECT integration, folder, uid_validity, uid FROM message_place p WHERE at < ?1 AND (own = 0 "
    "OR NOT EXISTS (SELECT 1 FROM message m WHERE m.id = p.message)) LIMIT ?2",
    "DELETE FROM message_place WHERE integration = ?1 AND folder = ?2 AND uid_validity = ?3 AND "
    "uid = ?4 AND at < ?5"};
const Aged<std::string, std::string> idempotency{
    "SELECT scope, key FROM idempotency WHERE at < ?1 LIMIT ?2",
    "DELETE FROM idempotency WHERE scope = ?1 AND key = ?2 AND at < ?3"};
const Aged<std::int64_t> audit{"SELECT id FROM audit WHERE id < ?1 LIMIT ?2",
                               "DELETE FROM audit WHERE id = ?1 AND id < ?2"};
const Aged<std::string, std::int64_t> thread_keys{
    "SELECT key, integration FROM thread_key WHERE at < ?1 LIMIT ?2",
    "DELETE FROM thread_key WHERE key = ?1 AND integration = ?2 AND at < ?3"};
const Aged<std::string, std::int64_t> sent_aliases{
    "SELECT key, integration FROM sent_alias WHERE at < ?1 LIMIT ?2",
    "DELETE FROM sent_alias WHERE key = ?1 AND integration = ?2 AND at < ?3"};
// Renewed with every mail of the thread: what is past is no thread any more.
const Aged<std::int64_t, std::string> tickets{
    "SELECT target, thread FROM target_ticket WHERE at < ?1 LIMIT ?2",
    "DELETE FROM target_ticket WHERE target = ?1 AND thread = ?2 AND at < ?3"};
const Aged<std::int64_t, std::int64_t, std::string, std::string> thread_rates{
    "SELECT day, integration, thread, sender FROM thread_rate WHERE day < ?1 LIMIT ?2",
    "DELETE FROM thread_rate WHERE day = ?1 AND integration = ?2 AND thread = ?3 AND sender = ?4 "
    "AND day < ?5"};

template <class Row, class Age>
Result<std::vector<Row>> find_rows(Transaction& transaction, std::string_view find, Age before) {
  std::vector<Row> rows;
  auto query = transaction.query(find, before, purge_found_rows);
  while (query.step()) {
    std::apply([&](auto&... part) { query.read(part...); }, rows.emplace_back());
  }
  return rows;
}

template <class... Key, class Age>
net::Task<Result<void>> purge(Engine& engine, const Aged<Key...>& table, Age before) {
  using Row = std::tuple<Key...>;
  for (bool more = true; more;) {
    POSTERN_CO_TRY(const auto found, co_await engine.read([&table, before](Transaction& reading) {
      return find_rows<Row>(reading, table.find, before);
    }));
    more = found.size() == purge_found_rows;
    for (std::size_t at = 0; at < found.size(); at += purge_job_rows) {
      const auto end = std::min(found.size(), at + purge_job_rows);
      std::vector<Row> rows(found.begin() + at, found.begin() + end);
      POSTERN_CO_TRY(co_await engine.write([&table, before, rows = std::move(rows)](
                                               Transaction& transaction) -> Result<void> {
        for (const auto& row : rows) {
          std::apply([&](const auto&... part) { transaction.run(table.remove, part..., before); },
                     row);
        }
        return success();
      }));
    }
  }
  co_return success();
}

}  // namespace

net::Task<Result<void>> purge_aged_rows(Engine& engine, Instant now) {
  POSTERN_CO_TRY(co_await purge(engine, idempotency, now - idempotency_keys_for));
  POSTERN_CO_TRY(co_await purge(engine, seen, now - seen_for));
  POSTERN_CO_TRY(co_await purge(engine, seen_by_gmail, now - seen_for));
  POSTERN_CO_TRY(co_await purge(engine, places, now - seen_for));
  POSTERN_CO_TRY(co_await purge(engine, audit, IdSource::first_at(now - audit_for)));
  POSTERN_CO_TRY(co_await purge(engine, thread_keys, now - thread_keys_for));
  POSTERN_CO_TRY(co_await purge(engine, sent_aliases, now - thread_keys_for));
  POSTERN_CO_TRY(co_await purge(engine, tickets, now - thread_keys_for));
  POSTERN_CO_TRY(co_await purge(engine, thread_rates, day_of(now - thread_rates_for)));
  co_return co_await engine.write([now](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM session WHERE ends_at <= ?1", now);  // few: see people_table
    return success();
  });
}

}  // namespace postern::storage
