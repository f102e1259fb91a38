// See deliveries_table.hpp.
#include "storage/deliveries_table.hpp"

#include "storage/columns.hpp"
#include "storage/delivery_rows.hpp"
#include "storage/id_source.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t row_bytes = 1024;  // about, with its indices

Result<std::optional<Delivery>> delivery_of_key(Transaction& transaction,
                                                const IdempotencyKey& key) {
  auto query = transaction.query(
      "SELECT delivery, body_sha256 FROM idempotency WHERE scope = ?1 AND key = ?2", key.scope,
      key.key);
  if (!query.step()) return std::optional<Delivery>();
  DeliveryId id;
  std::string body_sha256;
  query.read(id, body_sha256);
  if (body_sha256 != key.body_sha256) return Error{errc::key_in_use, {}};
  POSTERN_TRY(auto delivery, get_delivery(transaction, id));
  return std::optional(std::move(delivery));
}

Result<std::string> bytes_of(Transaction& transaction, Spool& spool, DeliveryId id) {
  auto query = transaction.query("SELECT size_bytes, spool_file FROM delivery WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "delivery " + id.str()};
  std::uint64_t size_bytes = 0;
  std::optional<std::string> file;
  query.read(size_bytes, file);
  if (file) return spool.read(*file, size_bytes);
  auto body = transaction.query("SELECT bytes FROM delivery_body WHERE delivery = ?1", id);
  if (!body.step()) return Error{errc::corrupt, "the bytes of " + id.str() + " are gone"};
  return body.blob();
}

struct CreateDelivery {
  NewDelivery fresh;
  std::uint64_t size_bytes = 0;
  std::unique_ptr<SpoolFile> file;  // instead of fresh.bytes
  bool stored = false;

  Result<CreatedDelivery> operator()(Transaction& transaction) {
    if (fresh.idempotency) {
      POSTERN_TRY(auto first, delivery_of_key(transaction, *fresh.idempotency));
      if (first) return CreatedDelivery{std::move(*first), true};
    }
    const bool there = transaction
                           .query("SELECT 1 FROM integration WHERE id = ?1 AND removed_at IS NULL",
                                  fresh.integration)
                           .step();
    if (!there) return Error{errc::not_found, "integration " + fresh.integration.str()};
    const auto row = make_row(transaction);
    std::optional<std::string> spool_file;
    if (file) spool_file = file->name();
    insert_delivery(transaction, row, spool_file);
    if (!file) {
      transaction.run("INSERT INTO delivery_body (delivery, bytes) VALUES (?1, ?2)", row.id,
                      Blob{fresh.bytes});
    }
    if (fresh.idempotency) {
      const auto& key = *fresh.idempotency;
      transaction.run(
          "INSERT INTO idempotency (scope, key, body_sha256, delivery, at) "
          "VALUES (?1, ?2, ?3, ?4, ?5)",
          key.scope, key.key, key.body_sha256, row.id, fresh.at);
    }
    stored = true;
    return CreatedDelivery{row, false};
  }

  void committed() {
    if (file && stored) keep(*file);
  }

  Delivery make_row(Transaction& transaction) const {
    Delivery row;
    row.id = transaction.new_id<DeliveryId>();
    row.integration = fresh.integration;
    row.envelope = fresh.envelope;
    row.message_id = fresh.message_id;
    row.subject = fresh.subject;
    row.size_bytes = size_bytes;
    row.sync = fresh.sync;
    row.created_at = fresh.at;
    row.notes = fresh.notes;
    row.priority = fresh.priority;
    row.tags = fresh.tags;
    row.needs_smtputf8 = fresh.needs_smtputf8;
    row.wishes = fresh.wishes;
    row.outcome = queued_outcome(fresh.due);
    if (fresh.sync) row.outcome.next_attempt_at.reset();  // its caller sends it, at once
    return row;
  }
};

}  // namespace

net::Task<Result<std::optional<Delivery>>> DeliveriesTable::find_key(IdempotencyKey key) {
  return engine_.read([key = std::move(key)](Transaction& transaction) {
    return delivery_of_key(transaction, key);
  });
}

net::Task<Result<CreatedDelivery>> DeliveriesTable::create(NewDelivery delivery) {
  CreateDelivery job;
  job.size_bytes = delivery.bytes.size();
  job.fresh = std::move(delivery);
  if (job.size_bytes > blob_bytes_max) {
    // A file, fsynced on a reader's thread; then the row that names it.
    auto write_file = [&engine = engine_, bytes = std::move(job.fresh.bytes)](Transaction&) {
      return engine.spool.write(bytes, engine.readers);
    };
    POSTERN_CO_TRY(job.file, co_await engine_.read(std::move(write_file)));
    job.fresh.bytes.clear();
  }
  const auto bytes = row_bytes + job.fresh.bytes.size();
  co_return co_await engine_.write(std::move(job), bytes);
}

net::Task<Result<CreatedDelivery>> DeliveriesTable::create_spooled(NewDelivery delivery,
                                                                   std::unique_ptr<SpoolFile> file,
                                                                   std::uint64_t size_bytes) {
  POSTERN_ASSERT(delivery.bytes.empty() && is_finished(*file));
  CreateDelivery job;
  job.fresh = std::move(delivery);
  job.size_bytes = size_bytes;
  job.file = std::move(file);
  return engine_.write(std::move(job), row_bytes);
}

net::Task<Result<std::vector<Delivery>>> DeliveriesTable::due(IntegrationId integration,
                                                              Instant now, int limit) {
  return engine_.read(
      [integration, now, limit](Transaction& transaction) -> Result<std::vector<Delivery>> {
        std::vector<Delivery> rows;
        // One query a priority: the index gives each in its order, without sorting.
        for (const Priority priority : {Priority::high, Priority::normal, Priority::low}) {
          const int left = limit - static_cast<int>(rows.size());
          if (left <= 0) break;
          auto query = transaction.query(
              select_delivery("WHERE integration = ?1 AND priority = ?4 AND sync = 0 AND "
                              "next_attempt_at IS NOT NULL AND next_attempt_at <= ?2 "
                              "ORDER BY next_attempt_at, id LIMIT ?3"),
              integration, now, left, static_cast<int>(priority));
          while (query.step()) rows.push_back(read_delivery(query));
        }
        return rows;
      });
}

net::Task<Result<std::optional<Instant>>> DeliveriesTable::next_due(IntegrationId integration) {
  return engine_.read([integration](Transaction& transaction) -> Result<std::optional<Instant>> {
    auto query = transaction.query(
        "SELECT min(due) FROM (SELECT (SELECT min(next_attempt_at) FROM delivery WHERE "
        "integration = ?1 AND priority = class.value AND sync = 0 AND next_attempt_at IS NOT NULL) "
        "AS due FROM json_each('[0, 1, 2]') AS class)",
        integration);
    std::optional<Instant> due;
    if (query.step()) query.read(due);
    return due;
  });
}

net::Task<Result<std::string>> DeliveriesTable::bytes(DeliveryId id) {
  return engine_.read([id, &spool = engine_.spool](Transaction& transaction) {
    return bytes_of(transaction, spool, id);
  });
}

net::Task<Result<std::vector<std::string>>> DeliveriesTable::bytes_of_each(
    std::vector<DeliveryId> ids) {
  return engine_.read([ids = std::move(ids), &spool = engine_.spool](
                          Transaction& transaction) -> Result<std::vector<std::string>> {
    std::vector<std::string> all;
    all.reserve(ids.size());
    for (const DeliveryId id : ids) {
      POSTERN_TRY(auto bytes, bytes_of(transaction, spool, id));
      all.push_back(std::move(bytes));
    }
    return all;
  });
}

net::Task<Result<Delivery>> DeliveriesTable::get(DeliveryId id) {
  return engine_.read([id](Transaction& transaction) { return get_delivery(transaction, id); });
}

net::Task<Result<std::uint64_t>> DeliveriesTable::waiting() {
  return engine_.read([](Transaction& transaction) -> Result<std::uint64_t> {
    auto query = transaction.query(
        "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending') "
        "OR (state = 'unknown' AND next_attempt_at IS NOT NULL)");
    std::uint64_t count = 0;
    if (query.step()) query.read(count);
    return count;
  });
}

}  // namespace postern::storage
