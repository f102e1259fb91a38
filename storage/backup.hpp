// Backup, restore and verify: what the commands of these names do. They work on a data directory
// while another process may serve from it; they run on the calling thread and take their time.
#pragma once

#include "storage/errc.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

/// Told now and then: what is being done, how much of it, of how much (0: not known).
using Progress =
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

struct BackupFacts {
  std::uint64_t spool_files = 0;
  std::uint64_t bytes = 0;  // of the archive
};

/// Writes `file`: a consistent copy of the database and every spool file it names, without the key.
/// A mail that retention removes meanwhile is in neither. Needs room for the database once more
/// beside the archive. An older `file` is replaced when all is on the disk.
/// `stop` ends it within a piece of a file, from any thread; nothing of it stays then.
/// Errors: not_found (no database there), corrupt (a row names a file that is not there), io,
/// disk_full, stopped.
Result<BackupFacts> write_backup(const std::string& data_dir, const std::string& file,
                                 const std::string& version, const Progress& progress,
                                 const std::stop_token& stop = {});

/// Makes `data_dir`, which must be empty or missing, what `file` holds. The whole archive is
/// checked before anything is made, and the database, its secrets and its files before they get
/// their names. Errors: not_found (no such file), corrupt (the archive; or not the key its secrets
/// were sealed with), wrong_state (the directory is not empty), key_missing, key_file_mode,
/// schema_too_new, io, disk_full.
Result<void> restore_backup(const std::string& file, const std::string& data_dir,
                            const std::string& key_file, const Progress& progress);

struct VerifyReport {
  std::vector<std::string> findings;  // a sentence each; none: all is well
  std::uint64_t messages = 0, spool_files = 0, secrets = 0;
};

/// Checks the database's structure, every mail's bytes against its hash, the spool's files against
/// their rows and every secret against the key. A file without a row is only told when it is old or
/// nobody serves: one may be coming in.
/// Errors: not_found (no database there), key_missing, key_file_mode, io, schema_too_new. What is
/// damaged is a finding.
Result<VerifyReport> verify_data(const std::string& data_dir, const std::string& key_file,
                                 const Progress& progress);

/// verify_data of a directory that nobody uses yet, without looking for files too many: for
/// restore.
Result<VerifyReport> verify_copy(const std::string& data_dir, const std::string& key_file,
                                 const Progress& progress);

}  // namespace postern::storage
