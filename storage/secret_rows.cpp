// See secret_rows.hpp.
#include "storage/secret_rows.hpp"

#include <algorithm>
#include <vector>

namespace postern::storage {

namespace {

void write_box(Database& database, const SecretPlace& place, const SecretBox& box,
               const Secret& secret) {
  const auto sealed = box.seal(secret, place);
  database.run(
      "INSERT INTO secret (owner, owner_id, field, key_id, box) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT DO UPDATE SET key_id = excluded.key_id, box = excluded.box",
      place.table, place.row, place.field, box.key_id(), Blob{sealed});
}

std::string newest_key(Transaction& transaction, const SecretKeys& keys) {
  auto query = transaction.query(
      "SELECT key_id FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
      newest_key_place.table, newest_key_place.row, newest_key_place.field);
  auto id = keys.standard();
  if (query.step()) query.read(id);
  return id;
}

}  // namespace

Result<void> put_secret(Transaction& transaction, const SecretKeys& keys, const SecretPlace& place,
                        const Secret& secret) {
  if (secret.empty()) {
    transaction.run("DELETE FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
                    place.table, place.row, place.field);
    return success();
  }
  POSTERN_TRY(const auto box, keys.of(newest_key(transaction, keys)));
  write_box(transaction.database, place, box, secret);
  return success();
}

Result<Secret> get_secret(Transaction& transaction, const SecretKeys& keys,
                          const SecretPlace& place) {
  auto query = transaction.query(
      "SELECT key_id, box FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
      place.table, place.row, place.field);
  if (!query.step()) return Secret();
  std::string key_id, sealed;
  query.read(key_id, sealed);
  POSTERN_TRY(const auto box, keys.of(key_id));
  return box.open(sealed, place);
}

bool has_secret(Transaction& transaction, const SecretPlace& place) {
  return transaction
      .query("SELECT 1 FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3", place.table,
             place.row, place.field)
      .step();
}

void remove_secrets(Transaction& transaction, std::string_view table, std::int64_t row) {
  transaction.run("DELETE FROM secret WHERE owner = ?1 AND owner_id = ?2", table, row);
}

std::vector<std::string> keys_in_use(Database& database) {
  std::vector<std::string> keys;
  auto query = database.query("SELECT DISTINCT key_id FROM secret");
  while (query.step()) query.read(keys.emplace_back());
  return keys;
}

Result<std::uint64_t> seal_anew(Database& database, const SecretKeys& keys,
                                const SecretBox& fresh) {
  struct Row {
    std::string owner, field, key_id;
    std::int64_t id = 0;
    SecretPlace place() const { return {owner, id, field}; }
  };
  std::vector<Row> rows;
  {
    auto query = database.query("SELECT owner, field, key_id, owner_id FROM secret");
    while (query.step()) {
      auto& row = rows.emplace_back();
      query.read(row.owner, row.field, row.key_id, row.id);
    }
  }
  for (const auto& row : rows) {
    POSTERN_TRY(const auto box, keys.of(row.key_id));
    std::string sealed;
    {
      auto query =
          database.query("SELECT box FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
                         row.owner, row.id, row.field);
      if (query.step()) sealed = query.blob();
    }
    POSTERN_TRY(const auto secret, box.open(sealed, row.place()));
    write_box(database, row.place(), fresh, secret);
  }
  const bool marked =
      std::ranges::any_of(rows, [](const Row& row) { return row.owner == newest_key_place.table; });
  write_box(database, newest_key_place, fresh, Secret());
  return rows.size() - (marked ? 1 : 0);
}

}  // namespace postern::storage
