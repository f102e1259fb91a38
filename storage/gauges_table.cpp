#include "storage/gauges_table.hpp"

#include "core/oauth.hpp"

namespace postern::storage {
namespace {

std::uint64_t count(Transaction& transaction, std::string_view sql) {
  std::uint64_t number = 0;
  auto query = transaction.query(sql);
  if (query.step()) query.read(number);
  return number;
}

void read_targets(Transaction& transaction, GaugeReading& reading) {
  auto query = transaction.query(
      "SELECT oldest.target, handover.created_at FROM (SELECT target, min(id) AS id FROM handover "
      "WHERE state = 'waiting' GROUP BY target) AS oldest JOIN handover USING (id)");
  while (query.step()) {
    auto& target = reading.targets.emplace_back();
    query.read(target.target, target.oldest_handover);
  }
}

void read_grants(Transaction& transaction, GaugeReading& reading) {
  auto query = transaction.query(
      "SELECT id, identity, expires_at FROM oauth_grant WHERE expires_at IS NOT NULL ORDER BY id");
  while (query.step()) {
    auto& grant = reading.grants.emplace_back();
    OAuthGrantId id;
    query.read(id, grant.identity, grant.token_expires_at);
    grant.id = id.str();
  }
}

}  // namespace

net::Task<Result<GaugeReading>> GaugesTable::read() {
  return engine_.read([](Transaction& transaction) -> Result<GaugeReading> {
    GaugeReading reading;
    reading.quarantined =
        count(transaction, "SELECT count(*) FROM message WHERE state = 'quarantined'");
    reading.parked = count(transaction, "SELECT count(*) FROM handover WHERE state = 'parked'");
    reading.waiting_runs =
        count(transaction, "SELECT count(*) FROM event_run WHERE state = 'waiting'");
    reading.database_bytes = count(
        transaction, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
    {
      auto query = transaction.query(
          "SELECT created_at FROM delivery WHERE id = (SELECT min(id) FROM delivery WHERE state IN "
          "('queued', 'sending'))");
      if (query.step()) query.read(reading.oldest_delivery);
    }
    read_targets(transaction, reading);
    read_grants(transaction, reading);
    return reading;
  });
}

}  // namespace postern::storage
