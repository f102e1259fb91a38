// See migration.hpp.
#include "storage/migration.hpp"

#include "storage/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace postern::storage {

Result<int> schema_version(Database& database) {
  int version = 0;
  POSTERN_TRY(guarded([&] {
    auto query = database.query("PRAGMA user_version");
    if (query.step()) query.read(version);
  }));
  return version;
}

Result<void> copy_database(Database& database, const std::string& to, const std::stop_token& stop) {
  const auto fresh = to + ".new";
  ::unlink(fresh.c_str());  // of a copy that was cut off
  // An empty file of ours first: SQLite would make one that others may read.
  POSTERN_TRY(open_file(fresh, O_WRONLY | O_CREAT | O_EXCL));
  const auto copied = guarded([&] {
    const auto watch = database.end_with(stop);
    database.run("VACUUM INTO ?1", fresh);
  });
  if (!copied) {
    ::unlink(fresh.c_str());
    ::unlink((fresh + "-journal").c_str());
    if (stop.stop_requested()) return Error{errc::stopped, to};
    return copied.error();
  }
  POSTERN_TRY(const auto file, open_file(fresh, O_RDWR));
  POSTERN_TRY(sync_file(file, fresh));
  if (::rename(fresh.c_str(), to.c_str()) != 0) return system_error("rename", fresh);
  return sync_directory(parent_directory(to));
}

namespace {

std::string copy_before(const std::string& path, int version) {
  return path + ".before-" + std::to_string(version);
}

// Said to somebody who has gone back to an older program, most likely in a hurry.
Error too_new(const std::string& path, int version, int newest) {
  auto detail = path + " has schema " + std::to_string(version) + ", this Postern knows up to " +
                std::to_string(newest) + ": run the newer one again; or, to go back, ";
  // The newest copy this program can read: it may be of an even older one.
  std::string copy;
  for (int next = newest + 1; next > 1 && copy.empty(); --next) {
    const auto candidate = copy_before(path, next);
    if (::access(candidate.c_str(), R_OK) == 0) copy = candidate;
  }
  if (copy.empty()) {
    detail += "restore a backup that was made with this version";
  } else {
    detail += "move " + path + ", -wal and -shm away and rename " + copy + " to " + path +
              " (what came since that upgrade is only in the newer one)";
  }
  return Error{errc::schema_too_new, std::move(detail)};
}

}  // namespace

Result<void> migrate(Database& database, const std::string& path,
                     std::span<const Migration> steps) {
  POSTERN_TRY(auto version, schema_version(database));
  const int newest = steps.empty() ? 0 : steps.back().version;
  if (version > newest) return too_new(path, version, newest);
  if (version > 0 && version < newest) {
    POSTERN_TRY(copy_database(database, copy_before(path, version + 1)));
  }
  for (const auto& step : steps) {
    if (step.version <= version) continue;
    POSTERN_ASSERT(step.version == version + 1);
    const auto applied = guarded([&] {
      database.execute("BEGIN IMMEDIATE");
      database.execute(step.sql);
      database.execute("PRAGMA user_version = " + std::to_string(step.version));
      database.execute("COMMIT");
    });
    if (applied.has_error()) {
      if (database.in_transaction()) {
        static_cast<void>(guarded([&] { database.execute("ROLLBACK"); }));
      }
      return applied.error();
    }
    version = step.version;
  }
  return success();
}

}  // namespace postern::storage
