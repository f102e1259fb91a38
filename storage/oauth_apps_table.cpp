// The apps' rows; see oauth_table.hpp.
#include "storage/events_table.hpp"
#include "storage/oauth_table.hpp"
#include "storage/secret_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace postern::storage {
namespace {

constexpr std::string_view owner = "oauth_app";
constexpr std::string_view secret_field = "client_secret";
constexpr std::string_view key_field = "private_key";
constexpr const char* select_app =
    "SELECT id, name, config, fault, reminded_days, version, created_at, modified_at, modified_by, "
    "EXISTS (SELECT 1 FROM secret WHERE owner = 'oauth_app' AND owner_id = oauth_app.id "
    "AND field = 'client_secret'), "
    "EXISTS (SELECT 1 FROM secret WHERE owner = 'oauth_app' AND owner_id = oauth_app.id "
    "AND field = 'private_key') FROM oauth_app";

SecretPlace place(OAuthAppId id, std::string_view field) {
  return {owner, id.value, field};
}

StoredOAuthApp read_row(Query& query) {
  StoredOAuthApp row;
  OAuthAppId id;
  std::string name, config;
  query.read(id, name, config, row.fault, row.reminded_days, row.version, row.created_at,
             row.modified_at, row.modified_by, row.client_secret_set, row.private_key_set);
  auto parsed = parse_oauth_app(boost::json::parse(config));
  if (const auto* problems = std::get_if<FieldProblems>(&parsed)) {
    throw std::runtime_error("the row of " + id.str() + ": " + problems->front().pointer + ": " +
                             problems->front().detail);
  }
  row.value = std::move(std::get<OAuthAppDraft>(parsed).value);
  row.value.id = id;
  row.value.name = std::move(name);
  return row;
}

Result<StoredOAuthApp> read_app(Transaction& transaction, OAuthAppId id) {
  auto query = transaction.query(std::string(select_app) + " WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "OAuth app " + id.str()};
  return read_row(query);
}

Result<void> check_version(Transaction& transaction, OAuthAppId id,
                           std::optional<std::uint64_t> if_version) {
  auto query = transaction.query("SELECT version FROM oauth_app WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "OAuth app " + id.str()};
  std::uint64_t version = 0;
  query.read(version);
  if (if_version && *if_version != version) return Error{errc::version_mismatch, {}};
  return success();
}

Result<void> check_name(Transaction& transaction, OAuthAppId id, const std::string& name) {
  const bool taken =
      transaction.query("SELECT 1 FROM oauth_app WHERE name = ?1 AND id <> ?2", name, id).step();
  if (taken) return Error{errc::name_taken, name};
  return success();
}

std::string config_of(OAuthApp app) {
  app.id = {};  // the row's own
  return boost::json::serialize(to_json(app));
}

Result<void> put_secrets(Transaction& transaction, const SecretKeys& keys, OAuthAppId id,
                         const OAuthAppDraft& draft) {
  if (draft.client_secret) {
    POSTERN_TRY(put_secret(transaction, keys, place(id, secret_field), *draft.client_secret));
  }
  if (draft.private_key_pem) {
    POSTERN_TRY(put_secret(transaction, keys, place(id, key_field), *draft.private_key_pem));
  }
  return success();
}

}  // namespace

net::Task<Result<std::vector<StoredOAuthApp>>> OAuthTable::apps() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<StoredOAuthApp>> {
    std::vector<StoredOAuthApp> rows;
    auto query = transaction.query(std::string(select_app) + " ORDER BY id");
    while (query.step()) rows.push_back(read_row(query));
    return rows;
  });
}

net::Task<Result<StoredOAuthApp>> OAuthTable::find_app(std::string id_or_name) {
  return engine_.read(
      [id_or_name = std::move(id_or_name)](Transaction& transaction) -> Result<StoredOAuthApp> {
        const auto id = OAuthAppId::parse(id_or_name).value_or(OAuthAppId());
        auto query = transaction.query(
            std::string(select_app) + " WHERE id = ?1 OR name = ?2 ORDER BY id = ?1 DESC LIMIT 1",
            id, id_or_name);
        if (!query.step()) return Error{errc::not_found, "OAuth app " + id_or_name};
        return read_row(query);
      });
}

net::Task<Result<StoredOAuthApp>> OAuthTable::create_app(OAuthAppDraft draft, std::string by,
                                                         Instant at) {
  return engine_.write([draft = std::move(draft), by = std::move(by), at,
                        &keys = engine_.keys](Transaction& transaction) -> Result<StoredOAuthApp> {
    const auto id = transaction.new_id<OAuthAppId>();
    POSTERN_TRY(check_name(transaction, id, draft.value.name));
    transaction.run(
        "INSERT INTO oauth_app (id, name, config, version, created_at, modified_at, modified_by) "
        "VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5)",
        id, draft.value.name, config_of(draft.value), at, by);
    POSTERN_TRY(put_secrets(transaction, keys, id, draft));
    return read_app(transaction, id);
  });
}

net::Task<Result<StoredOAuthApp>> OAuthTable::replace_app(OAuthAppId id, OAuthAppDraft draft,
                                                          std::optional<std::uint64_t> if_version,
                                                          std::string by, Instant at) {
  return engine_.write([id, draft = std::move(draft), if_version, by = std::move(by), at,
                        &keys = engine_.keys](Transaction& transaction) -> Result<StoredOAuthApp> {
    POSTERN_TRY(check_version(transaction, id, if_version));
    POSTERN_TRY(check_name(transaction, id, draft.value.name));
    transaction.run(
        "UPDATE oauth_app SET name = ?2, config = ?3, fault = '', reminded_days = NULL, "
        "version = version + 1, modified_at = ?4, modified_by = ?5 WHERE id = ?1",
        id, draft.value.name, config_of(draft.value), at, by);
    POSTERN_TRY(put_secrets(transaction, keys, id, draft));
    return read_app(transaction, id);
  });
}

net::Task<Result<void>> OAuthTable::remove_app(OAuthAppId id,
                                               std::optional<std::uint64_t> if_version) {
  return engine_.write([id, if_version](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(check_version(transaction, id, if_version));
    if (transaction.query("SELECT 1 FROM oauth_grant WHERE app = ?1", id).step()) {
      return Error{errc::wrong_state, "Grants were given through this app: delete them first."};
    }
    transaction.run("DELETE FROM oauth_app WHERE id = ?1", id);
    remove_secrets(transaction, owner, id.value);
    return success();
  });
}

net::Task<Result<OAuthAppSecrets>> OAuthTable::app_secrets(OAuthAppId id) {
  return engine_.read(
      [id, &keys = engine_.keys](Transaction& transaction) -> Result<OAuthAppSecrets> {
        POSTERN_TRY(check_version(transaction, id, std::nullopt));
        OAuthAppSecrets secrets;
        POSTERN_TRY(secrets.client_secret, get_secret(transaction, keys, place(id, secret_field)));
        POSTERN_TRY(secrets.private_key_pem, get_secret(transaction, keys, place(id, key_field)));
        return secrets;
      });
}

net::Task<Result<bool>> OAuthTable::set_app_fault(OAuthAppId id, std::string fault,
                                                  std::vector<NewEvent> events) {
  return engine_.write([id, fault = std::move(fault),
                        events = std::move(events)](Transaction& transaction) -> Result<bool> {
    // Another reason is no news: the app is refused as before.
    transaction.run("UPDATE oauth_app SET fault = ?2 WHERE id = ?1 AND (fault = '') <> (?2 = '')",
                    id, fault);
    const bool changed = transaction.database.changes() > 0;
    if (changed) append_events(transaction, events);
    return changed;
  });
}

net::Task<Result<void>> OAuthTable::app_reminded(OAuthAppId id, int days,
                                                 std::vector<NewEvent> events) {
  return engine_.write(
      [id, days, events = std::move(events)](Transaction& transaction) -> Result<void> {
        transaction.run("UPDATE oauth_app SET reminded_days = ?2 WHERE id = ?1", id, days);
        if (transaction.database.changes() > 0) append_events(transaction, events);
        return success();
      });
}

}  // namespace postern::storage
