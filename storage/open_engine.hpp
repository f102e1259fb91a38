// Opening a data directory, step by step: folders, locks, key, database, migrations, spool.
#pragma once

#include "storage/engine.hpp"
#include "storage/migration.hpp"
#include "storage/store.hpp"

#include <memory>
#include <span>

namespace postern::storage {

/// An Engine and the lock it lives under.
struct OpenEngine {
  Fd serving_lock;  // empty unless exclusive
  std::unique_ptr<Engine> engine;
};

/// Errors: those of open_store. `steps`: the schema's migrations; a test gives its own.
Result<OpenEngine> open_engine(const StoreOptions& options, std::span<const Migration> steps);

/// The keys in the file, which must be those that the stored secrets were sealed with; a new file
/// when there is none and nothing is sealed yet.
/// Errors: key_missing, key_file_mode, corrupt (other keys), io, disk_full.
Result<SecretKeys> fitting_keys(Database& database, const std::string& path);

}  // namespace postern::storage
