// See integrations_table.hpp.
#include "storage/integrations_table.hpp"

#include "core/integration_json.hpp"
#include "core/result_codes.hpp"
#include "storage/activity_table.hpp"
#include "storage/events_table.hpp"
#include "storage/integration_rows.hpp"
#include "storage/maildrops_table.hpp"
#include "storage/past_checks_table.hpp"
#include "storage/secret_rows.hpp"

#include <boost/json/serialize.hpp>

namespace postern::storage {
namespace {

std::string config_of(const Integration& value) {
  return boost::json::serialize(to_json(value));
}

std::string first_status(const Integration& value) {
  IntegrationStatus status;
  if (!value.incoming.enabled) status.incoming_state = DirectionState::off;
  if (!value.outgoing.enabled) status.outgoing_state = DirectionState::off;
  return boost::json::serialize(to_json(status));
}

// What waits to be sent will never be: result 62. What is being sent just now ends by itself.
void cancel_deliveries(Transaction& transaction, IntegrationId id) {
  transaction.run(
      "UPDATE delivery SET state = 'cancelled', result_code = ?2, result_message = 'the "
      "integration was removed', retryable = 0, next_attempt_at = NULL "
      "WHERE integration = ?1 AND (state IN ('queued', 'held') "
      "OR (state = 'unknown' AND next_attempt_at IS NOT NULL))",
      id, static_cast<int>(ResultCode::cancelled));
}

}  // namespace

net::Task<Result<std::vector<IntegrationEntry>>> IntegrationsTable::entries() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<IntegrationEntry>> {
    return read_entries(transaction);
  });
}

net::Task<Result<std::vector<IntegrationEntry>>> IntegrationsTable::entries_behind(
    IntegrationSort sort, IntegrationPlace place, int count) {
  return engine_.read([sort, place = std::move(place),
                       count](Transaction& transaction) -> Result<std::vector<IntegrationEntry>> {
    return read_entries_behind(transaction, sort, place, count);
  });
}

net::Task<Result<std::vector<StoredIntegration>>> IntegrationsTable::some(
    std::vector<IntegrationId> ids) {
  return engine_.read(
      [ids = std::move(ids)](Transaction& transaction) -> Result<std::vector<StoredIntegration>> {
        std::vector<StoredIntegration> rows;
        rows.reserve(ids.size());
        for (const auto id : ids) {
          auto row = read_integration(transaction, id);
          if (!row && row.error().code != errc::not_found) return row.error();
          if (row) rows.push_back(std::move(row).value());
        }
        return rows;
      });
}

net::Task<Result<StoredIntegration>> IntegrationsTable::get(IntegrationId id) {
  return engine_.read([id](Transaction& transaction) { return read_integration(transaction, id); });
}

net::Task<Result<StoredIntegration>> IntegrationsTable::find(std::string id_or_name) {
  return engine_.read(
      [id_or_name = std::move(id_or_name)](Transaction& transaction) -> Result<StoredIntegration> {
        POSTERN_TRY(const auto id, find_integration(transaction, id_or_name));
        return read_integration(transaction, id);
      });
}

net::Task<Result<std::optional<StoredIntegration>>> IntegrationsTable::find_default() {
  return engine_.read([](Transaction& transaction) -> Result<std::optional<StoredIntegration>> {
    IntegrationId id;
    auto query =
        transaction.query("SELECT id FROM integration WHERE is_default = 1 AND removed_at IS NULL");
    if (!query.step()) return std::optional<StoredIntegration>();
    query.read(id);
    POSTERN_TRY(auto row, read_integration(transaction, id));
    return std::optional(std::move(row));
  });
}

net::Task<Result<StoredIntegration>> IntegrationsTable::create(IntegrationDraft draft,
                                                               std::string by, Instant at) {
  return engine_.write([draft = std::move(draft), by = std::move(by), at, &keys = engine_.keys](
                           Transaction& transaction) -> Result<StoredIntegration> {
    const auto& value = draft.value;
    const auto id = transaction.new_id<IntegrationId>();
    POSTERN_TRY(check_name(transaction, id, value.name));
    if (value.is_default) clear_default(transaction, id, by, at);
    transaction.run(
        "INSERT INTO integration (id, name, is_default, config, status, version, created_at, "
        "modified_at, modified_by) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6, ?7)",
        id, value.name, value.is_default, config_of(value), first_status(value), at, by);
    POSTERN_TRY(put_passwords(transaction, keys, id, draft));
    return read_integration(transaction, id);
  });
}

net::Task<Result<StoredIntegration>> IntegrationsTable::replace(
    IntegrationId id, IntegrationDraft draft, std::optional<std::uint64_t> if_version,
    std::string by, Instant at) {
  return engine_.write([id, draft = std::move(draft), if_version, by = std::move(by), at,
                        &keys =
                            engine_.keys](Transaction& transaction) -> Result<StoredIntegration> {
    const auto& value = draft.value;
    POSTERN_TRY(check_version(transaction, id, if_version));
    POSTERN_TRY(check_name(transaction, id, value.name));
    if (value.is_default) clear_default(transaction, id, by, at);
    transaction.run(
        "UPDATE integration SET name = ?2, is_default = ?3, config = ?4, version = version + 1, "
        "modified_at = ?5, modified_by = ?6 WHERE id = ?1",
        id, value.name, value.is_default, config_of(value), at, by);
    POSTERN_TRY(put_passwords(transaction, keys, id, draft));
    return read_integration(transaction, id);
  });
}

net::Task<Result<void>> IntegrationsTable::remove(IntegrationId id,
                                                  std::optional<std::uint64_t> if_version,
                                                  std::string by, Instant at) {
  return engine_.write(
      [id, if_version, by = std::move(by), at](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(check_version(transaction, id, if_version));
        transaction.run(
            "UPDATE integration SET removed_at = ?2, is_default = 0, version = version + 1, "
            "modified_at = ?2, modified_by = ?3 WHERE id = ?1",
            id, at, by);
        remove_secrets(transaction, integration_owner, id.value);
        remove_activity(transaction, id);
        remove_past_checks(transaction, id);
        transaction.run("DELETE FROM mailbox WHERE integration = ?1", id);
        remove_maildrop(transaction, id);
        transaction.run("DELETE FROM submission_login WHERE integration = ?1", id);
        cancel_deliveries(transaction, id);
        return success();
      });
}

net::Task<Result<StoredIntegration>> IntegrationsTable::make_default(IntegrationId id,
                                                                     std::string by, Instant at) {
  return engine_.write(
      [id, by = std::move(by), at](Transaction& transaction) -> Result<StoredIntegration> {
        clear_default(transaction, id, by, at);
        transaction.run(
            "UPDATE integration SET is_default = 1, version = version + 1, modified_at = ?2, "
            "modified_by = ?3 WHERE id = ?1 AND is_default = 0 AND removed_at IS NULL",
            id, at, by);
        return read_integration(transaction, id);  // not_found undoes it all
      });
}

net::Task<Result<IntegrationSecrets>> IntegrationsTable::secrets(IntegrationId id) {
  return engine_.read([id, &keys = engine_.keys](Transaction& transaction) {
    return read_passwords(transaction, keys, id);
  });
}

net::Task<Result<std::vector<IntegrationId>>> IntegrationsTable::ids() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<IntegrationId>> {
    std::vector<IntegrationId> ids;
    auto query = transaction.query(
        "SELECT id FROM integration WHERE removed_at IS NULL "
        "ORDER BY json_extract(status, '$.last_check'), id");
    while (query.step()) query.read(ids.emplace_back());
    return ids;
  });
}

net::Task<Result<std::vector<IntegrationAccount>>> IntegrationsTable::accounts(
    std::vector<IntegrationId> ids) {
  return engine_.read([ids = std::move(ids), &keys = engine_.keys](
                          Transaction& transaction) -> Result<std::vector<IntegrationAccount>> {
    std::vector<IntegrationAccount> accounts;
    accounts.reserve(ids.size());
    for (const auto id : ids) {
      auto stored = read_integration(transaction, id);
      if (!stored && stored.error().code == errc::not_found) continue;
      auto& account = accounts.emplace_back();
      POSTERN_TRY(account.stored, std::move(stored));
      POSTERN_TRY(account.secrets, read_passwords(transaction, keys, id));
    }
    return accounts;
  });
}

net::Task<Result<void>> IntegrationsTable::record_status(IntegrationId id, IntegrationStatus status,
                                                         std::vector<NewEvent> events) {
  return engine_.write([id, json = boost::json::serialize(to_json(status)),
                        events = std::move(events)](Transaction& transaction) -> Result<void> {
    transaction.run("UPDATE integration SET status = ?2 WHERE id = ?1 AND removed_at IS NULL", id,
                    json);
    if (transaction.database.changes() == 0) {
      return Error{errc::not_found, "integration " + id.str()};
    }
    append_events(transaction, events);
    return success();
  });
}

}  // namespace postern::storage
