// See accounts_table.hpp.
#include "storage/accounts_table.hpp"

#include "storage/columns.hpp"

namespace postern::storage {
namespace {

TokenRow read_token(Query& query) {
  TokenRow row;
  std::string scopes;
  query.read(row.id, row.name, scopes, row.created_at, row.expires_at, row.last_used_at);
  row.scopes = strings_from_json(scopes);
  return row;
}

}  // namespace

net::Task<Result<TokenRow>> AccountsTable::create_token(TokenRow row, std::string sha256) {
  return engine_.write([row = std::move(row), sha256 = std::move(sha256)](
                           Transaction& transaction) mutable -> Result<TokenRow> {
    if (transaction.query("SELECT 1 FROM token WHERE name = ?1", row.name).step()) {
      return Error{errc::name_taken, row.name};
    }
    row.id = transaction.new_id<TokenId>();
    transaction.run(
        "INSERT INTO token (id, name, sha256, scopes, created_at, expires_at, last_used_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        row.id, row.name, sha256, strings_to_json(row.scopes), row.created_at, row.expires_at,
        row.last_used_at);
    return row;
  });
}

net::Task<Result<std::optional<TokenRow>>> AccountsTable::find_token(std::string sha256) {
  auto find = [sha256 =
                   std::move(sha256)](Transaction& transaction) -> Result<std::optional<TokenRow>> {
    auto query = transaction.query(
        "SELECT id, name, scopes, created_at, expires_at, last_used_at FROM token "
        "WHERE sha256 = ?1",
        sha256);
    if (!query.step()) return std::optional<TokenRow>();
    return std::optional(read_token(query));
  };
  POSTERN_CO_TRY(auto row, co_await engine_.read(std::move(find)));
  const auto now = engine_.chance.now();
  if (row && (!row->last_used_at || now - *row->last_used_at >= last_used_step)) {
    engine_.write_later([id = row->id, now](Transaction& transaction) -> Result<void> {
      transaction.run("UPDATE token SET last_used_at = ?2 WHERE id = ?1", id, now);
      return success();
    });
  }
  co_return row;
}

net::Task<Result<std::vector<TokenRow>>> AccountsTable::list_tokens() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<TokenRow>> {
    std::vector<TokenRow> rows;
    auto query = transaction.query(
        "SELECT id, name, scopes, created_at, expires_at, last_used_at FROM token ORDER BY id");
    while (query.step()) rows.push_back(read_token(query));
    return rows;
  });
}

net::Task<Result<void>> AccountsTable::remove_token(TokenId id) {
  return engine_.write([id](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM token WHERE id = ?1", id);
    if (transaction.database.changes() == 0) return Error{errc::not_found, "token " + id.str()};
    return success();
  });
}

net::Task<Result<void>> AccountsTable::set_user(UserRow row, Instant at) {
  return engine_.write([row = std::move(row), at](Transaction& transaction) -> Result<void> {
    transaction.run(
        "INSERT INTO person (name, password_hash, created_at, modified_at) VALUES (?1, ?2, ?3, ?3) "
        "ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash, "
        "modified_at = excluded.modified_at, modified_by = 'command line', version = version + 1",
        row.name, row.password_hash, at);
    transaction.run("DELETE FROM session WHERE person = ?1", row.name);
    return success();
  });
}

net::Task<Result<std::optional<UserRow>>> AccountsTable::find_user(std::string name) {
  return engine_.read([name = std::move(name)](
                          Transaction& transaction) -> Result<std::optional<UserRow>> {
    auto query = transaction.query("SELECT name, password_hash FROM person WHERE name = ?1", name);
    if (!query.step()) return std::optional<UserRow>();
    UserRow row;
    query.read(row.name, row.password_hash);
    return std::optional(std::move(row));
  });
}

}  // namespace postern::storage
