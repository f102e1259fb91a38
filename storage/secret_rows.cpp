// See secret_rows.hpp.
#include "storage/secret_rows.hpp"

#include <vector>

namespace postern::storage {

void put_secret(Transaction& transaction, const SecretBox& box, const SecretPlace& place,
                const Secret& secret) {
  if (secret.empty()) {
    transaction.run("DELETE FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
                    place.table, place.row, place.field);
    return;
  }
  const auto sealed = box.seal(secret, place);
  transaction.run(
      "INSERT INTO secret (owner, owner_id, field, key_id, box) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT DO UPDATE SET key_id = excluded.key_id, box = excluded.box",
      place.table, place.row, place.field, box.key_id(), Blob{sealed});
}

Result<Secret> get_secret(Transaction& transaction, const SecretBox& box,
                          const SecretPlace& place) {
  auto query =
      transaction.query("SELECT box FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
                        place.table, place.row, place.field);
  if (!query.step()) return Secret();
  return box.open(query.blob(), place);
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

}  // namespace postern::storage
