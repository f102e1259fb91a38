// Migrations: forward only, each in one transaction with its version number. A database that holds
// something is copied first.
#pragma once

#include "storage/database.hpp"

#include <span>
#include <stop_token>
#include <string>

namespace postern::storage {

/// `sql` turns a database of version − 1 into one of `version`.
struct Migration {
  int version = 0;
  const char* sql = nullptr;
};

/// Those of this Postern, 1 first, without a gap. The tables are told there.
std::span<const Migration> migrations();

/// 0 for an empty database. Errors: those of the database.
Result<int> schema_version(Database& database);

/// Applies what is missing. Before that, a database of version N > 0 is copied to
/// `path`.before-(N + 1), fsynced. A failed migration leaves the version before it.
/// Errors: schema_too_new, disk_full, io, corrupt.
Result<void> migrate(Database& database, const std::string& path, std::span<const Migration> steps);

/// A consistent copy of the whole database in a new file, fsynced with its folder. `stop` ends it
/// soon, from any thread. Errors: disk_full, io, stopped.
Result<void> copy_database(Database& database, const std::string& to,
                           const std::stop_token& stop = {});

}  // namespace postern::storage
