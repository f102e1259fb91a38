// See integration_rows.hpp.
#include "storage/integration_rows.hpp"

#include "core/integration_json.hpp"
#include "core/integration_words.hpp"
#include "storage/columns.hpp"
#include "storage/secret_rows.hpp"

#include <boost/json/parse.hpp>

namespace postern::storage {
namespace {

constexpr const char* select_integration =
    "SELECT id, name, is_default, config, status, version, created_at, modified_at, modified_by, "
    "EXISTS (SELECT 1 FROM secret WHERE owner = 'integration' AND owner_id = integration.id "
    "AND field = 'incoming_password'), "
    "EXISTS (SELECT 1 FROM secret WHERE owner = 'integration' AND owner_id = integration.id "
    "AND field = 'outgoing_password') "
    "FROM integration WHERE removed_at IS NULL";

StoredIntegration read_row(Query& query) {
  StoredIntegration row;
  IntegrationId id;
  std::string name, config, status;
  bool is_default = false;
  query.read(id, name, is_default, config, status, row.version, row.created_at, row.modified_at,
             row.modified_by, row.incoming_password_set, row.outgoing_password_set);
  auto parsed = parse_integration(boost::json::parse(config));
  if (const auto* problems = std::get_if<FieldProblems>(&parsed)) {
    throw std::runtime_error("the row of " + id.str() + ": " + problems->front().pointer + ": " +
                             problems->front().detail);
  }
  row.value = std::move(std::get<IntegrationDraft>(parsed).value);
  row.value.id = id;
  row.value.name = std::move(name);
  row.value.is_default = is_default;
  row.status = integration_status_from_json(object_from_json(status));
  return row;
}

/// A word that is not known keeps the default, as integration_status_from_json has it.
DirectionState state_of(std::string_view word) {
  for (const auto& choice : words::direction_state) {
    if (choice.word == word) return choice.value;
  }
  return IntegrationStatus().incoming_state;
}

constexpr std::string_view select_entry =
    "SELECT id, name, address, description, provider, enabled, incoming_on, outgoing_on, "
    "incoming_state, outgoing_state, incoming_errors, outgoing_errors FROM integration_entry";

std::vector<IntegrationEntry> entries_of(Query query) {
  std::vector<IntegrationEntry> entries;
  std::string incoming, outgoing;
  while (query.step()) {
    auto& entry = entries.emplace_back();
    query.read(entry.id, entry.name, entry.address, entry.description, entry.provider,
               entry.enabled, entry.incoming_on, entry.outgoing_on, incoming, outgoing,
               entry.consecutive_incoming_errors, entry.consecutive_outgoing_errors);
    entry.incoming_state = state_of(incoming);
    entry.outgoing_state = state_of(outgoing);
  }
  return entries;
}

}  // namespace

std::vector<IntegrationEntry> read_entries(Transaction& transaction) {
  return entries_of(transaction.query(std::string(select_entry) + " ORDER BY id"));
}

std::vector<IntegrationEntry> read_entries_behind(Transaction& transaction, IntegrationSort sort,
                                                  const IntegrationPlace& place, int count) {
  std::string sql(select_entry);
  switch (sort) {
    case IntegrationSort::age:
      sql += " WHERE id > ?2 ORDER BY id LIMIT ?1";
      return entries_of(transaction.query(sql, count, place.id));
    case IntegrationSort::name:
      sql += " WHERE (name_key, id) > (?3, ?2) ORDER BY name_key, id LIMIT ?1";
      return entries_of(transaction.query(sql, count, place.id, place.name_key));
    case IntegrationSort::trouble:
      sql +=
          " WHERE (trouble_key, name_key, id) > (?4, ?3, ?2) "
          "ORDER BY trouble_key, name_key, id LIMIT ?1";
      return entries_of(transaction.query(sql, count, place.id, place.name_key, place.trouble_key));
  }
  return {};
}

Result<StoredIntegration> read_integration(Transaction& transaction, IntegrationId id) {
  auto query = transaction.query(std::string(select_integration) + " AND id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "integration " + id.str()};
  return read_row(query);
}

Result<IntegrationId> find_integration(Transaction& transaction, const std::string& id_or_name) {
  IntegrationId id = IntegrationId::parse(id_or_name).value_or(IntegrationId());
  // A name may look like an id; the id goes first.
  auto query = transaction.query(
      "SELECT id FROM integration WHERE removed_at IS NULL AND (id = ?1 OR name = ?2) "
      "ORDER BY id = ?1 DESC LIMIT 1",
      id, id_or_name);
  if (!query.step()) return Error{errc::not_found, "integration " + id_or_name};
  query.read(id);
  return id;
}

Result<void> check_version(Transaction& transaction, IntegrationId id,
                           std::optional<std::uint64_t> if_version) {
  auto query =
      transaction.query("SELECT version FROM integration WHERE id = ?1 AND removed_at IS NULL", id);
  if (!query.step()) return Error{errc::not_found, "integration " + id.str()};
  std::uint64_t version = 0;
  query.read(version);
  if (if_version && *if_version != version) return Error{errc::version_mismatch, {}};
  return success();
}

Result<void> check_name(Transaction& transaction, IntegrationId id, const std::string& name) {
  const bool taken = transaction
                         .query(
                             "SELECT 1 FROM integration WHERE name = ?1 AND id <> ?2 "
                             "AND removed_at IS NULL",
                             name, id)
                         .step();
  if (taken) return Error{errc::name_taken, name};
  return success();
}

void clear_default(Transaction& transaction, IntegrationId id, const std::string& by, Instant at) {
  transaction.run(
      "UPDATE integration SET is_default = 0, version = version + 1, modified_at = ?2, "
      "modified_by = ?3 WHERE is_default = 1 AND removed_at IS NULL AND id <> ?1",
      id, at, by);
}

Result<void> put_passwords(Transaction& transaction, const SecretKeys& keys, IntegrationId id,
                           const IntegrationDraft& draft) {
  if (draft.incoming_password) {
    POSTERN_TRY(put_secret(transaction, keys,
                           {integration_owner, id.value, incoming_password_field},
                           *draft.incoming_password));
  }
  if (draft.outgoing_password) {
    POSTERN_TRY(put_secret(transaction, keys,
                           {integration_owner, id.value, outgoing_password_field},
                           *draft.outgoing_password));
  }
  return success();
}

Result<IntegrationSecrets> read_passwords(Transaction& transaction, const SecretKeys& keys,
                                          IntegrationId id) {
  POSTERN_TRY(check_version(transaction, id, std::nullopt));
  IntegrationSecrets secrets;
  const auto place = [id](std::string_view field) {
    return SecretPlace{integration_owner, id.value, field};
  };
  POSTERN_TRY(secrets.incoming_password,
              get_secret(transaction, keys, place(incoming_password_field)));
  POSTERN_TRY(secrets.outgoing_password,
              get_secret(transaction, keys, place(outgoing_password_field)));
  return secrets;
}

}  // namespace postern::storage
