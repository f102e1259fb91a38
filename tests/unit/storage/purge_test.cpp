// What is kept for a time goes by its age, whatever there is of it, and nothing younger does.
#include "storage/purge.hpp"

#include "unit/storage/kit.hpp"

#include <atomic>
#include <string>

namespace postern::storage {
namespace {

constexpr std::int64_t old_rows = purge_found_rows + purge_job_rows + 1;

struct Aged {
  const char* table;
  const char* insert;  // of numbers(n) and aged(at, first_id)
};

constexpr Aged tables[] = {
    {"message_seen", "INSERT INTO message_seen SELECT 1, n, '<a@b>', 1, at FROM numbers, aged"},
    {"gmail_seen", "INSERT INTO gmail_seen SELECT 1, n, '<a@b>', 1, at FROM numbers, aged"},
    {"message_place",
     "INSERT INTO message_place (integration, folder, uid_validity, uid, message, at) "
     "SELECT 1, 'INBOX', 7, n, n, at FROM numbers, aged"},
    {"idempotency", "INSERT INTO idempotency SELECT 's', n, '', 1, at FROM numbers, aged"},
    {"thread_key", "INSERT INTO thread_key SELECT n, 1, 't', NULL, at FROM numbers, aged"},
    {"sent_alias", "INSERT INTO sent_alias SELECT n, 1, '<a@b>', at FROM numbers, aged"},
    {"target_ticket", "INSERT INTO target_ticket SELECT 1, n, '1', at FROM numbers, aged"},
    {"thread_rate",
     "INSERT INTO thread_rate SELECT at / 86400000, 1, 't', n, 1 FROM numbers, aged"},
    {"audit",
     "INSERT INTO audit (id, at, who, via, address, act, resource, fields, request_id) SELECT "
     "first_id + n, at, 'ann', 'session', '', 'x', 'y', '[]', '' FROM "
     "numbers, aged"},
};

class PurgeTest : public StoreTest, public testing::WithParamInterface<Aged> {
 protected:
  void put(std::int64_t from, std::int64_t rows, Instant when) {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    database.execute("PRAGMA foreign_keys = OFF");
    const std::string numbers =
        "WITH RECURSIVE aged(at, first_id) AS (SELECT ?3, ?4), "
        "numbers(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1 + ?2) ";
    const auto sql = numbers + GetParam().insert;
    database.query(sql, from, rows, when, IdSource::first_at(when)).run();
  }
  std::int64_t rows() {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    auto query = database.query(std::string("SELECT count(*) FROM ") + GetParam().table);
    std::int64_t count = 0;
    if (query.step()) query.read(count);
    return count;
  }
};

TEST_P(PurgeTest, Removes_what_is_past_its_time_however_much_and_nothing_younger) {
  const auto now = at(86'400 * 20'000);
  put(0, old_rows, now - std::chrono::hours(24 * 500));
  put(old_rows, 3, now - std::chrono::hours(23));

  good(store_->purge(now));

  EXPECT_EQ(rows(), 3);
}

INSTANTIATE_TEST_SUITE_P(Of, PurgeTest, testing::ValuesIn(tables),
                         [](const auto& test) { return std::string(test.param.table); });

TEST_F(StoreTest, A_purge_removes_in_small_transactions) {
  std::atomic<int> commits = 0;
  options_.on_commit = [&commits](std::chrono::microseconds) { ++commits; };
  reopen();
  {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    database.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < " +
        std::to_string(10 * purge_job_rows) +
        ") INSERT INTO message_seen SELECT 1, n, '', 1, 1 FROM numbers");
  }
  const int before = commits;

  good(store_->purge(at(86'400 * 20'000)));

  EXPECT_GE(commits - before, 10);
}

}  // namespace
}  // namespace postern::storage
