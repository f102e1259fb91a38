// See open_engine.hpp.
//
//   data_dir/postern.db          the database, with -wal and -shm while it is open
//   data_dir/postern.db.before-N its copy before the migration to schema N
//   data_dir/postern.lock        held by the process that serves
//   data_dir/open.lock           held by any process while it opens
//   data_dir/secret.key          unless the key file is elsewhere
//   data_dir/spool/xx/NAME       large mails
#include "storage/open_engine.hpp"

#include "storage/secret_rows.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

namespace postern::storage {
namespace {

constexpr int writer_cache_kib = 16 * 1024;
constexpr int reader_cache_kib = 4 * 1024;

Error in_use(const std::string& lock, const char* what) {
  return Error{errc::busy, lock + " is held: " + what};
}

// Only the process that serves, or one that could, may change the schema under everybody's feet.
Result<void> bring_up_to_date(Database& database, const std::string& data_dir, bool may_migrate,
                              std::span<const Migration> steps) {
  POSTERN_TRY(const auto version, schema_version(database));
  const int newest = steps.back().version;
  if (may_migrate || version > newest || version == newest) {
    return migrate(database, data_dir + "/postern.db", steps);
  }
  const auto lock = data_dir + "/postern.lock";
  POSTERN_TRY(const auto held, lock_file(lock, std::chrono::milliseconds::zero()));
  if (!held) return in_use(lock, "a running Postern of an older version; stop it first");
  return migrate(database, data_dir + "/postern.db", steps);
}

// Ids of all kinds come out of one source, so that no two things share one.
Result<std::int64_t> largest_id(Database& database) {
  std::int64_t largest = 0;
  POSTERN_TRY(guarded([&] {
    for (const char* table :
         {"integration", "message", "target",       "handover",    "pull_lease",
          "delivery",    "event",   "event_cursor", "problem",     "notice",
          "silence",     "token",   "oauth_app",    "oauth_grant", "oauth_pending",
          "session",     "audit",   "event_rule",   "event_run",   "profile"}) {
      auto query = database.query("SELECT coalesce(max(id), 0) FROM " + std::string(table));
      std::int64_t id = 0;
      if (query.step()) query.read(id);
      largest = std::max(largest, id);
    }
  }));
  return largest;
}

Result<void> sweep_spool(Database& database, const Spool& spool) {
  std::unordered_set<std::string> named;
  POSTERN_TRY(guarded([&] {
    auto query = database.query(
        "SELECT spool_file FROM message WHERE spool_file IS NOT NULL UNION ALL "
        "SELECT spool_file FROM delivery WHERE spool_file IS NOT NULL");
    while (query.step()) {
      std::string name;
      query.read(name);
      named.insert(std::move(name));
    }
  }));
  POSTERN_TRY(spool.remove_others(named));
  return success();
}

// Made by us first, since SQLite would let others read it. Its log takes over the mode. A file that
// is there is not opened: closing a descriptor drops every lock this process has on the file, also
// SQLite's, and another process would then take itself for the last one and remove the log.
Result<void> make_file(const std::string& path) {
  const Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made && errno != EEXIST) return system_error("open", path);
  return success();
}

Result<Database> open_database(const StoreOptions& options, std::span<const Migration> steps) {
  const auto path = options.data_dir + "/postern.db";
  POSTERN_TRY(make_file(path));
  Database::Settings settings;
  settings.durable = !options.inline_mode;
  settings.cache_kib = writer_cache_kib;
  POSTERN_TRY(auto database, Database::open(path, settings));
  const bool alone = options.exclusive || options.inline_mode;
  POSTERN_TRY(bring_up_to_date(database, options.data_dir, alone, steps));
  // What an earlier process could not fsync may be in the log and not on the disk. Moving it into
  // the database file writes it anew, so that nothing is built on it unseen.
  if (alone) {
    POSTERN_TRY(guarded([&] { database.checkpoint(Database::Checkpoint::truncate); }));
  }
  return database;
}

Result<std::optional<Database>> open_checkpoints(const StoreOptions& options) {
  std::optional<Database> opened;
  if (options.inline_mode) return opened;
  Database::Settings settings;
  settings.access = Database::Access::checkpoint;
  POSTERN_TRY(opened, Database::open(options.data_dir + "/postern.db", settings));
  return opened;
}

Result<std::vector<Database>> open_readers(const StoreOptions& options) {
  std::vector<Database> readers;
  if (options.inline_mode) return readers;
  Database::Settings settings;
  settings.access = Database::Access::read_only;
  settings.cache_kib = reader_cache_kib;
  for (std::size_t i = 0; i < reader_count; ++i) {
    POSTERN_TRY(auto reader, Database::open(options.data_dir + "/postern.db", settings));
    readers.push_back(std::move(reader));
  }
  return readers;
}

}  // namespace

// Before anything is sealed the key is on the disk; after something was, it must be the same one.
Result<SecretKeys> fitting_keys(Database& database, const std::string& path) {
  POSTERN_TRY(auto keys, read_key_file(path));
  std::vector<std::string> in_use;
  POSTERN_TRY(guarded([&] { in_use = keys_in_use(database); }));
  if (keys.empty() && !in_use.empty()) {
    return Error{errc::key_missing, "key file " + path + " is missing, and secrets are stored"};
  }
  if (keys.empty()) {
    POSTERN_TRY(auto made, make_key_file(path));
    keys.push_back(std::move(made));
  }
  std::vector<std::string> held;
  for (const auto& key : keys) held.push_back(SecretBox(key).key_id());
  const bool fits = std::ranges::all_of(
      in_use, [&](const std::string& used) { return std::ranges::find(held, used) != held.end(); });
  if (!fits) {
    return Error{errc::corrupt,
                 "key file " + path + " is not the key the stored secrets were sealed with"};
  }
  return SecretKeys(keys, in_use.empty() ? held.front() : in_use.front(), path);
}

Result<OpenEngine> open_engine(const StoreOptions& options, std::span<const Migration> steps) {
  const auto& dir = options.data_dir;
  POSTERN_TRY(make_directories(dir));
  OpenEngine opened;
  if (options.exclusive) {
    const auto lock = dir + "/postern.lock";
    POSTERN_TRY(opened.serving_lock, lock_file(lock, options.lock_patience));
    if (!opened.serving_lock) return in_use(lock, "another Postern serves from this directory");
  }
  POSTERN_TRY(const auto opening, lock_file(dir + "/open.lock", options.lock_patience));
  if (!opening) return in_use(dir + "/open.lock", "another Postern is opening this directory");

  POSTERN_TRY(auto database, open_database(options, steps));
  const auto key_file = options.key_file.empty() ? dir + "/secret.key" : options.key_file;
  POSTERN_TRY(auto keys, fitting_keys(database, key_file));
  POSTERN_TRY(const auto last_id, largest_id(database));
  const auto chance = with_defaults({options.now, options.random});
  Spool spool({dir + "/spool", !options.inline_mode}, chance);
  if (options.exclusive || options.inline_mode) {
    POSTERN_TRY(sweep_spool(database, spool));
  }
  POSTERN_TRY(auto readers, open_readers(options));
  POSTERN_TRY(auto checkpoints, open_checkpoints(options));

  opened.engine = std::make_unique<Engine>(
      chance, std::move(keys), std::move(spool), std::move(database), std::move(checkpoints),
      IdSource(chance, last_id), Writer::Options{options.inline_mode, options.on_commit, nullptr},
      std::move(readers));
  return opened;
}

}  // namespace postern::storage
