// See rotate_key.hpp. The order of deeds: both keys in the file, all rows under the new one, the
// former key in a file of its own, the new key alone in the file.
#include "storage/rotate_key.hpp"

#include "storage/file.hpp"
#include "storage/migration.hpp"
#include "storage/open_engine.hpp"
#include "storage/secret_rows.hpp"

#include <filesystem>

namespace postern::storage {
namespace {

constexpr std::chrono::milliseconds lock_patience{10'000};

Result<std::uint64_t> seal_all(Database& database, const SecretKeys& keys, const SecretBox& fresh) {
  Result<std::uint64_t> sealed = std::uint64_t{0};
  const auto done = guarded([&] {
    database.execute("BEGIN IMMEDIATE");
    sealed = seal_anew(database, keys, fresh);
    database.execute(sealed ? "COMMIT" : "ROLLBACK");
  });
  if (done) return sealed;
  if (database.in_transaction()) {
    static_cast<void>(guarded([&] { database.execute("ROLLBACK"); }));
  }
  return done.error();
}

}  // namespace

Result<RotationFacts> rotate_key(const std::string& data_dir, const std::string& key_file) {
  const auto path = data_dir + "/postern.db";
  if (!std::filesystem::exists(path)) return Error{errc::not_found, path + " does not exist"};
  // Who opens the directory meanwhile would compare an older key file with newer rows.
  POSTERN_TRY(const auto opening, lock_file(data_dir + "/open.lock", lock_patience));
  if (!opening) return Error{errc::busy, data_dir + "/open.lock is held: another Postern opens it"};
  POSTERN_TRY(auto database, Database::open(path, {}));
  POSTERN_TRY(const auto version, schema_version(database));
  if (version > migrations().back().version) {
    return Error{errc::schema_too_new, path + " is of a newer Postern"};
  }
  POSTERN_TRY(const auto keys, fitting_keys(database, key_file));
  POSTERN_TRY(auto held, read_key_file(key_file));
  const auto former = held;
  const auto fresh = make_key();
  held.push_back(fresh);
  POSTERN_TRY(write_key_file(key_file, held));

  POSTERN_TRY(const auto secrets, seal_all(database, keys, SecretBox(fresh)));

  RotationFacts facts;
  facts.secrets = secrets;
  facts.former_key_file = key_file + ".before-" + SecretBox(fresh).key_id();
  POSTERN_TRY(write_key_file(facts.former_key_file, former));
  POSTERN_TRY(write_key_file(key_file, {fresh}));
  return facts;
}

}  // namespace postern::storage
