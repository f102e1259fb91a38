// See silences_table.hpp.
#include "storage/silences_table.hpp"

#include "storage/columns.hpp"

#include <boost/json/serialize.hpp>

namespace postern::storage {

const char* const silences_schema = R"sql(
CREATE TABLE silence (
  id INTEGER PRIMARY KEY,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL
) STRICT;
-- One row: what was changed over the configuration.
CREATE TABLE setting (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  changed TEXT NOT NULL,
  version INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL
) STRICT;
)sql";

namespace {

constexpr std::string_view select_silence =
    "SELECT id, body, version, created_at, modified_at, modified_by FROM silence";

StoredSilence read_silence(Query& query) {
  StoredSilence stored;
  SilenceId id;
  std::string body;
  query.read(id, body, stored.version, stored.created_at, stored.modified_at, stored.modified_by);
  FieldProblems problems;
  stored.value = parse_silence(object_from_json(body), problems);
  stored.value.id = id;
  return stored;
}

Result<StoredSilence> find_silence(Transaction& transaction, SilenceId id) {
  auto query = transaction.query(std::string(select_silence) + " WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "there is no such silence"};
  return read_silence(query);
}

Error changed_meanwhile() {
  return Error{errc::version_mismatch, "it was changed meanwhile"};
}

Result<StoredSilence> checked(Transaction& transaction, SilenceId id,
                              std::optional<std::uint64_t> if_version) {
  POSTERN_TRY(auto stored, find_silence(transaction, id));
  if (if_version && *if_version != stored.version) return changed_meanwhile();
  return stored;
}

std::string body_of(const Silence& silence) {
  return boost::json::serialize(to_json(silence));
}

StoredSettings read_settings(Transaction& transaction) {
  StoredSettings stored;
  auto query = transaction.query("SELECT changed, version, modified_at, modified_by FROM setting");
  if (!query.step()) return stored;
  std::string changed;
  query.read(changed, stored.version, stored.modified_at, stored.modified_by);
  stored.changed = object_from_json(changed);
  return stored;
}

}  // namespace

net::Task<Result<std::vector<StoredSilence>>> SilencesTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<StoredSilence>> {
    std::vector<StoredSilence> all;
    auto query = transaction.query(std::string(select_silence) + " ORDER BY id");
    while (query.step()) all.push_back(read_silence(query));
    return all;
  });
}

net::Task<Result<StoredSilence>> SilencesTable::get(SilenceId id) {
  return engine_.read([id](Transaction& transaction) -> Result<StoredSilence> {
    return find_silence(transaction, id);
  });
}

net::Task<Result<StoredSilence>> SilencesTable::create(Silence silence, std::string by,
                                                       Instant at) {
  return engine_.write([silence = std::move(silence), by = std::move(by),
                        at](Transaction& transaction) -> Result<StoredSilence> {
    const auto id = transaction.new_id<SilenceId>();
    transaction.run(
        "INSERT INTO silence (id, body, version, created_at, modified_at, modified_by) VALUES "
        "(?1, ?2, 1, ?3, ?3, ?4)",
        id, body_of(silence), at, by);
    return find_silence(transaction, id);
  });
}

net::Task<Result<StoredSilence>> SilencesTable::replace(Silence silence,
                                                        std::optional<std::uint64_t> if_version,
                                                        std::string by, Instant at) {
  return engine_.write([silence = std::move(silence), if_version, by = std::move(by),
                        at](Transaction& transaction) -> Result<StoredSilence> {
    POSTERN_TRY(const auto former, checked(transaction, silence.id, if_version));
    transaction.run(
        "UPDATE silence SET body = ?2, version = ?3, modified_at = ?4, modified_by = ?5 WHERE id = "
        "?1",
        silence.id, body_of(silence), former.version + 1, at, by);
    return find_silence(transaction, silence.id);
  });
}

net::Task<Result<void>> SilencesTable::remove(SilenceId id,
                                              std::optional<std::uint64_t> if_version) {
  return engine_.write([id, if_version](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(const auto former, checked(transaction, id, if_version));
    transaction.run("DELETE FROM silence WHERE id = ?1", former.value.id);
    return success();
  });
}

net::Task<Result<StoredSettings>> SettingsTable::get() {
  return engine_.read([](Transaction& transaction) -> Result<StoredSettings> {
    return read_settings(transaction);
  });
}

net::Task<Result<StoredSettings>> SettingsTable::replace(boost::json::object changed,
                                                         std::optional<std::uint64_t> if_version,
                                                         std::string by, Instant at) {
  return engine_.write([changed = std::move(changed), if_version, by = std::move(by),
                        at](Transaction& transaction) -> Result<StoredSettings> {
    const auto former = read_settings(transaction);
    if (if_version && *if_version != former.version) return changed_meanwhile();
    transaction.run(
        "INSERT OR REPLACE INTO setting (id, changed, version, modified_at, modified_by) VALUES "
        "(1, ?1, ?2, ?3, ?4)",
        boost::json::serialize(changed), former.version + 1, at, by);
    return read_settings(transaction);
  });
}

}  // namespace postern::storage
