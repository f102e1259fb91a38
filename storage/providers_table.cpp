// See providers_table.hpp.
#include "storage/providers_table.hpp"

namespace postern::storage {

const char* const providers_schema = R"sql(
-- Providers that admins added, and known ones that they hid (definition '').
CREATE TABLE provider (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  hidden INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL
) STRICT;
)sql";

namespace {

constexpr const char* select_provider =
    "SELECT id, definition, hidden, version, created_at, modified_at, modified_by FROM provider";

ProviderRow read_row(Query& query) {
  ProviderRow row;
  query.read(row.id, row.definition, row.hidden, row.version, row.created_at, row.modified_at,
             row.modified_by);
  return row;
}

std::optional<ProviderRow> read_provider(Transaction& transaction, const std::string& id) {
  auto query = transaction.query(std::string(select_provider) + " WHERE id = ?1", id);
  if (!query.step()) return std::nullopt;
  return read_row(query);
}

ProviderRow put(Transaction& transaction, ProviderRow row) {
  transaction.run(
      "INSERT INTO provider (id, definition, hidden, version, created_at, modified_at, "
      "modified_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET "
      "definition = ?2, hidden = ?3, version = ?4, modified_at = ?6, modified_by = ?7",
      row.id, row.definition, row.hidden, row.version, row.created_at, row.modified_at,
      row.modified_by);
  return row;
}

}  // namespace

net::Task<Result<std::vector<ProviderRow>>> ProvidersTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<ProviderRow>> {
    std::vector<ProviderRow> rows;
    auto query = transaction.query(std::string(select_provider) + " ORDER BY place");
    while (query.step()) rows.push_back(read_row(query));
    return rows;
  });
}

net::Task<Result<std::optional<ProviderRow>>> ProvidersTable::find(std::string id) {
  return engine_.read(
      [id = std::move(id)](Transaction& transaction) -> Result<std::optional<ProviderRow>> {
        return read_provider(transaction, id);
      });
}

net::Task<Result<ProviderRow>> ProvidersTable::create(ProviderRow row, std::string by, Instant at) {
  row.version = 1;
  row.created_at = row.modified_at = at;
  row.modified_by = std::move(by);
  return engine_.write([row = std::move(row)](Transaction& transaction) -> Result<ProviderRow> {
    if (read_provider(transaction, row.id)) return Error{errc::name_taken, row.id};
    return put(transaction, row);
  });
}

net::Task<Result<ProviderRow>> ProvidersTable::replace(ProviderRow row, std::uint64_t if_version,
                                                       std::string by, Instant at) {
  row.version = if_version + 1;
  row.created_at = row.modified_at = at;
  row.modified_by = std::move(by);
  return engine_.write(
      [row = std::move(row), if_version](Transaction& transaction) -> Result<ProviderRow> {
        auto fresh = row;
        const auto former = read_provider(transaction, row.id);
        if (!former && if_version != 0) return Error{errc::not_found, "provider " + row.id};
        if (former && former->version != if_version) return Error{errc::version_mismatch, {}};
        if (former) fresh.created_at = former->created_at;
        return put(transaction, std::move(fresh));
      });
}

net::Task<Result<void>> ProvidersTable::remove(std::string id, std::uint64_t if_version) {
  return engine_.write([id = std::move(id), if_version](Transaction& transaction) -> Result<void> {
    const auto former = read_provider(transaction, id);
    if (!former) return Error{errc::not_found, "provider " + id};
    if (former->version != if_version) return Error{errc::version_mismatch, {}};
    transaction.run("DELETE FROM provider WHERE id = ?1", id);
    return success();
  });
}

}  // namespace postern::storage
