// See targets_table.hpp.
#include "storage/targets_table.hpp"

#include "core/base64.hpp"
#include "storage/columns.hpp"
#include "storage/handover_rows.hpp"
#include "storage/secret_rows.hpp"
#include "storage/target_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern::storage {
namespace {

constexpr std::string_view owner = "target";
constexpr std::string_view current_field = "secret";
constexpr std::string_view former_field = "former_secret";
constexpr std::string_view credential_field = "credential";
constexpr std::size_t signing_secret_bytes = 32;  // Standard Webhooks: 24 to 64
constexpr const char* select_target =
    "SELECT id, name, config, version, created_at, modified_at, modified_by, EXISTS (SELECT 1 FROM "
    "secret WHERE owner = 'target' AND owner_id = target.id AND field = 'credential') FROM target "
    "WHERE removed_at IS NULL";

StoredTarget read_row(Query& query) {
  StoredTarget row;
  TargetId id;
  std::string name, config;
  query.read(id, name, config, row.version, row.created_at, row.modified_at, row.modified_by,
             row.credential_set);
  auto parsed = parse_target(boost::json::parse(config));
  if (const auto* problems = std::get_if<FieldProblems>(&parsed)) {
    throw std::runtime_error("the row of " + id.str() + ": " + problems->front().pointer + ": " +
                             problems->front().detail);
  }
  row.value = std::move(std::get<TargetDraft>(parsed).value);
  row.value.id = id;
  row.value.name = std::move(name);
  return row;
}

Result<StoredTarget> read_target(Transaction& transaction, TargetId id) {
  auto query = transaction.query(std::string(select_target) + " AND id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "target " + id.str()};
  return read_row(query);
}

Result<void> check_version(Transaction& transaction, TargetId id,
                           std::optional<std::uint64_t> if_version) {
  auto query =
      transaction.query("SELECT version FROM target WHERE id = ?1 AND removed_at IS NULL", id);
  if (!query.step()) return Error{errc::not_found, "target " + id.str()};
  std::uint64_t version = 0;
  query.read(version);
  if (if_version && *if_version != version) return Error{errc::version_mismatch, {}};
  return success();
}

Result<void> check_name(Transaction& transaction, TargetId id, const std::string& name) {
  const bool taken =
      transaction
          .query("SELECT 1 FROM target WHERE name = ?1 AND id <> ?2 AND removed_at IS NULL", name,
                 id)
          .step();
  if (taken) return Error{errc::name_taken, name};
  return success();
}

SecretPlace place(TargetId id, std::string_view field) {
  return {owner, id.value, field};
}

std::string config_of(Target value) {
  value.id = {};  // the row's own
  return boost::json::serialize(to_json(value));
}

// Their messages may have waited for this target alone.
void cancel_handovers(Transaction& transaction, TargetId id) {
  std::vector<MessageId> messages;
  {
    auto query = transaction.query(
        "SELECT DISTINCT message FROM handover WHERE target = ?1 AND state = 'waiting'", id);
    while (query.step()) query.read(messages.emplace_back());
  }
  transaction.run("UPDATE handover SET state = 'cancelled' WHERE target = ?1 AND state = 'waiting'",
                  id);
  for (const auto message : messages) settle_message(transaction, message);
}

}  // namespace

std::vector<StoredTarget> all_targets(Transaction& transaction) {
  std::vector<StoredTarget> rows;
  auto query = transaction.query(std::string(select_target) + " ORDER BY id");
  while (query.step()) rows.push_back(read_row(query));
  return rows;
}

net::Task<Result<std::vector<StoredTarget>>> TargetsTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<StoredTarget>> {
    return all_targets(transaction);
  });
}

net::Task<Result<StoredTarget>> TargetsTable::find(std::string id_or_name) {
  return engine_.read([id_or_name = std::move(id_or_name)](
                          Transaction& transaction) -> Result<StoredTarget> {
    const auto id = TargetId::parse(id_or_name).value_or(TargetId());
    auto query = transaction.query(
        std::string(select_target) + " AND (id = ?1 OR name = ?2) ORDER BY id = ?1 DESC LIMIT 1",
        id, id_or_name);
    if (!query.step()) return Error{errc::not_found, "target " + id_or_name};
    return read_row(query);
  });
}

net::Task<Result<StoredTarget>> TargetsTable::create(TargetDraft draft, std::string by,
                                                     Instant at) {
  if (!draft.secret || draft.secret->empty()) {
    draft.secret = Secret("whsec_" + to_base64(engine_.chance.bytes(signing_secret_bytes)));
  }
  auto made = co_await engine_.write([draft = std::move(draft), by = std::move(by), at,
                                      &keys = engine_.keys](
                                         Transaction& transaction) -> Result<StoredTarget> {
    const auto id = transaction.new_id<TargetId>();
    POSTERN_TRY(check_name(transaction, id, draft.value.name));
    transaction.run(
        "INSERT INTO target (id, name, required, config, version, created_at, modified_at, "
        "modified_by) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?6)",
        id, draft.value.name, draft.value.required, config_of(draft.value), at, by);
    POSTERN_TRY(put_secret(transaction, keys, place(id, current_field), *draft.secret));
    if (draft.credential) {
      POSTERN_TRY(put_secret(transaction, keys, place(id, credential_field), *draft.credential));
    }
    return read_target(transaction, id);
  });
  engine_.routes_changed();
  co_return made;
}

net::Task<Result<StoredTarget>> TargetsTable::replace(TargetId id, TargetDraft draft,
                                                      std::optional<std::uint64_t> if_version,
                                                      std::string by, Instant at) {
  auto made = co_await engine_.write([id, draft = std::move(draft), if_version, by = std::move(by),
                                      at, &keys = engine_.keys](
                                         Transaction& transaction) -> Result<StoredTarget> {
    POSTERN_TRY(check_version(transaction, id, if_version));
    POSTERN_TRY(check_name(transaction, id, draft.value.name));
    POSTERN_TRY(const auto former, read_target(transaction, id));
    transaction.run(
        "UPDATE target SET name = ?2, required = ?3, config = ?4, version = version + 1, "
        "modified_at = ?5, modified_by = ?6 WHERE id = ?1",
        id, draft.value.name, draft.value.required, config_of(draft.value), at, by);
    if (draft.secret && !draft.secret->empty()) {
      POSTERN_TRY(put_secret(transaction, keys, place(id, current_field), *draft.secret));
    }
    if (draft.credential) {
      POSTERN_TRY(put_secret(transaction, keys, place(id, credential_field), *draft.credential));
    } else if (former.value.type != draft.value.type) {
      // What one system was logged in with is nothing to be shown to another.
      POSTERN_TRY(put_secret(transaction, keys, place(id, credential_field), Secret()));
    }
    return read_target(transaction, id);
  });
  engine_.routes_changed();
  co_return made;
}

net::Task<Result<void>> TargetsTable::remove(TargetId id, std::optional<std::uint64_t> if_version,
                                             std::string by, Instant at) {
  auto removed = co_await engine_.write(
      [id, if_version, by = std::move(by), at](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(check_version(transaction, id, if_version));
        transaction.run(
            "UPDATE target SET removed_at = ?2, version = version + 1, modified_at = ?2, "
            "modified_by = ?3 WHERE id = ?1",
            id, at, by);
        remove_secrets(transaction, owner, id.value);
        transaction.run("DELETE FROM target_ticket WHERE target = ?1", id);
        transaction.run("DELETE FROM target_status WHERE target = ?1", id);
        cancel_handovers(transaction, id);
        return success();
      });
  engine_.routes_changed();
  co_return removed;
}

net::Task<Result<TargetSecrets>> TargetsTable::secrets(TargetId id) {
  return engine_.read(
      [id, &keys = engine_.keys](Transaction& transaction) -> Result<TargetSecrets> {
        POSTERN_TRY(check_version(transaction, id, std::nullopt));
        TargetSecrets secrets;
        POSTERN_TRY(secrets.current, get_secret(transaction, keys, place(id, current_field)));
        POSTERN_TRY(secrets.former, get_secret(transaction, keys, place(id, former_field)));
        POSTERN_TRY(secrets.credential, get_secret(transaction, keys, place(id, credential_field)));
        return secrets;
      });
}

net::Task<Result<void>> TargetsTable::rotate_secret(TargetId id, Secret fresh, std::string by,
                                                    Instant at) {
  return engine_.write([id, fresh = std::move(fresh), by = std::move(by), at,
                        &keys = engine_.keys](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(check_version(transaction, id, std::nullopt));
    POSTERN_TRY(const auto current, get_secret(transaction, keys, place(id, current_field)));
    POSTERN_TRY(put_secret(transaction, keys, place(id, former_field), current));
    POSTERN_TRY(put_secret(transaction, keys, place(id, current_field), fresh));
    transaction.run(
        "UPDATE target SET version = version + 1, modified_at = ?2, modified_by = ?3 WHERE id = ?1",
        id, at, by);
    return success();
  });
}

}  // namespace postern::storage
