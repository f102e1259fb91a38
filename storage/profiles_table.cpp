// See profiles_table.hpp.
#include "storage/profiles_table.hpp"

#include "storage/action_secrets.hpp"
#include "storage/columns.hpp"
#include "storage/secret_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern::storage {
namespace {

constexpr std::string_view owner = "profile";
constexpr const char* select_profile =
    "SELECT id, name, config, version, created_at, modified_at, modified_by FROM profile";

StoredProfile read_row(Query& query) {
  StoredProfile row;
  ProfileId id;
  std::string name, config;
  query.read(id, name, config, row.version, row.created_at, row.modified_at, row.modified_by);
  auto parsed = parse_profile(boost::json::parse(config));
  if (const auto* problems = std::get_if<FieldProblems>(&parsed)) {
    throw std::runtime_error("the row of " + id.str() + ": " + problems->front().pointer + ": " +
                             problems->front().detail);
  }
  row.value = std::move(std::get<ProfileDraft>(parsed).value);
  row.value.id = id;
  row.value.name = std::move(name);
  return row;
}

Result<StoredProfile> read_profile(Transaction& transaction, ProfileId id) {
  auto query = transaction.query(std::string(select_profile) + " WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "profile " + id.str()};
  return read_row(query);
}

Result<void> check_name(Transaction& transaction, ProfileId id, const std::string& name) {
  const bool taken =
      transaction.query("SELECT 1 FROM profile WHERE name = ?1 AND id <> ?2", name, id).step();
  if (taken) return Error{errc::name_taken, name};
  return success();
}

std::string config_of(Profile value) {
  value.id = {};  // the row's own
  return boost::json::serialize(to_json(value));
}

}  // namespace

net::Task<Result<std::vector<StoredProfile>>> ProfilesTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<StoredProfile>> {
    std::vector<StoredProfile> rows;
    auto query = transaction.query(std::string(select_profile) + " ORDER BY id");
    while (query.step()) rows.push_back(read_row(query));
    return rows;
  });
}

net::Task<Result<StoredProfile>> ProfilesTable::find(std::string id_or_name) {
  return engine_.read(
      [id_or_name = std::move(id_or_name)](Transaction& transaction) -> Result<StoredProfile> {
        const auto id = ProfileId::parse(id_or_name).value_or(ProfileId());
        auto query = transaction.query(
            std::string(select_profile) + " WHERE id = ?1 OR name = ?2 ORDER BY id = ?1 DESC", id,
            id_or_name);
        if (!query.step()) return Error{errc::not_found, "profile " + id_or_name};
        return read_row(query);
      });
}

net::Task<Result<StoredProfile>> ProfilesTable::create(ProfileDraft draft, std::string by,
                                                       Instant at) {
  return engine_.write([draft = std::move(draft), by = std::move(by), at,
                        &engine = engine_](Transaction& transaction) -> Result<StoredProfile> {
    auto value = draft.value;
    const auto id = transaction.new_id<ProfileId>();
    POSTERN_TRY(check_name(transaction, id, value.name));
    POSTERN_TRY(put_action_secrets(transaction, engine, owner, id.value, {}, value.channels,
                                   draft.secrets));
    transaction.run(
        "INSERT INTO profile (id, name, config, version, created_at, modified_at, modified_by) "
        "VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5)",
        id, value.name, config_of(value), at, by);
    return read_profile(transaction, id);
  });
}

net::Task<Result<StoredProfile>> ProfilesTable::replace(ProfileId id, ProfileDraft draft,
                                                        std::optional<std::uint64_t> if_version,
                                                        std::string by, Instant at) {
  return engine_.write([id, draft = std::move(draft), if_version, by = std::move(by), at,
                        &engine = engine_](Transaction& transaction) -> Result<StoredProfile> {
    auto value = draft.value;
    POSTERN_TRY(const auto former, read_profile(transaction, id));
    if (if_version && *if_version != former.version) return Error{errc::version_mismatch, {}};
    POSTERN_TRY(check_name(transaction, id, value.name));
    POSTERN_TRY(put_action_secrets(transaction, engine, owner, id.value, former.value.channels,
                                   value.channels, draft.secrets));
    transaction.run(
        "UPDATE profile SET name = ?2, config = ?3, version = version + 1, modified_at = ?4, "
        "modified_by = ?5 WHERE id = ?1",
        id, value.name, config_of(value), at, by);
    return read_profile(transaction, id);
  });
}

net::Task<Result<void>> ProfilesTable::remove(ProfileId id,
                                              std::optional<std::uint64_t> if_version) {
  return engine_.write([id, if_version](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(const auto former, read_profile(transaction, id));
    if (if_version && *if_version != former.version) return Error{errc::version_mismatch, {}};
    {
      auto query = transaction.query(
          "SELECT name FROM event_rule WHERE config LIKE '%' || ?1 || '%' LIMIT 1", id.str());
      if (query.step()) {
        std::string rule;
        query.read(rule);
        return Error{errc::wrong_state, "the event rule \"" + rule + "\" uses it"};
      }
    }
    if (transaction
            .query("SELECT 1 FROM setting WHERE changed LIKE '%' || ?1 || '%' LIMIT 1", id.str())
            .step()) {
      return Error{errc::wrong_state, "the settings of monitoring name it"};
    }
    remove_secrets(transaction, owner, id.value);
    transaction.run("DELETE FROM profile WHERE id = ?1", id);
    return success();
  });
}

net::Task<Result<std::vector<Secret>>> ProfilesTable::secrets(ProfileId id) {
  return engine_.read(
      [id, &keys = engine_.keys](Transaction& transaction) -> Result<std::vector<Secret>> {
        POSTERN_TRY(const auto stored, read_profile(transaction, id));
        return get_action_secrets(transaction, keys, owner, id.value, stored.value.channels);
      });
}

}  // namespace postern::storage
