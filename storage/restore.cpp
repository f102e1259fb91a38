// postern restore. Everything is put into a folder of its own inside the data directory, checked
// there, and then given its names, the database last: with it the restore is complete, and without
// it a later one begins anew.
#include "storage/archive.hpp"
#include "storage/backup.hpp"
#include "storage/database.hpp"
#include "storage/migration.hpp"
#include "storage/secret_box.hpp"

#include <fcntl.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

namespace postern::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view partial_name = "restore.partial";
constexpr std::string_view manifest_name = "postern-backup.json";
constexpr std::string_view database_name = "postern.db";
constexpr std::uint64_t manifest_bytes_max = 64 * 1024;
constexpr std::size_t hash_digits = 64;
constexpr std::size_t spool_name_digits = 32;

Error damaged(const std::string& file, const std::string& how) {
  return Error{errc::corrupt, file + " is damaged, or no backup: " + how};
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "spool/xx/NAME" and nothing that leads elsewhere.
bool is_spool_name(std::string_view name) {
  constexpr std::string_view folder = "spool/";
  if (!name.starts_with(folder)) return false;
  name.remove_prefix(folder.size());
  return name.size() == spool_name_digits + 3 && name[2] == '/' && is_hex(name.substr(0, 2)) &&
         is_hex(name.substr(3)) && name.substr(0, 2) == name.substr(3, 2);
}

ArchiveSink into(std::string& text) {
  return [&text](std::string_view piece) -> Result<void> {
    text += piece;
    return success();
  };
}

Result<void> check_manifest(const std::string& file, const std::string& text) {
  boost::system::error_code failed;
  const auto json = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : json.if_object();
  const auto* format = object == nullptr ? nullptr : object->if_contains("format");
  if (format == nullptr || *format != "postern-backup") {
    return damaged(file, "it does not begin with what a backup begins with");
  }
  const auto* version = object->if_contains("format_version");
  if (version == nullptr || *version != 1) {
    return Error{errc::schema_too_new, file + " is of a newer Postern's format"};
  }
  return success();
}

Result<void> check_sums(const std::string& file, std::map<std::string, std::string> hashes,
                        std::string_view sums) {
  if (hashes.erase(std::string(sums_name)) == 0) return damaged(file, "its end is missing");
  while (!sums.empty()) {
    const auto line = sums.substr(0, sums.find('\n'));
    sums.remove_prefix(std::min(line.size() + 1, sums.size()));
    if (line.size() <= hash_digits + 2) return damaged(file, "a line of its sums");
    const std::string name(line.substr(hash_digits + 2));
    const auto found = hashes.find(name);
    if (found == hashes.end()) return damaged(file, name + " is missing");
    if (found->second != line.substr(0, hash_digits)) {
      return damaged(file, name + " is not what was backed up");
    }
    hashes.erase(found);
  }
  if (!hashes.empty()) return damaged(file, hashes.begin()->first + " was added to it");
  return success();
}

Result<void> check_archive(const std::string& file, const Progress& progress) {
  std::string manifest, sums;
  std::uint64_t bytes = 0, files = 0;
  bool database = false, first = true;
  POSTERN_TRY(auto hashes,
              read_archive(file, [&](const ArchiveEntry& entry) -> Result<ArchiveSink> {
                if (!sums.empty()) return damaged(file, "something follows its end");
                if (std::exchange(first, false) != (entry.name == manifest_name)) {
                  return damaged(file, "it does not begin with what a backup begins with");
                }
                bytes += entry.size_bytes;
                if (++files % 100 == 0) progress("checking the archive", bytes, 0);
                if (entry.name == manifest_name && entry.size_bytes <= manifest_bytes_max) {
                  return into(manifest);
                }
                if (entry.name == sums_name && entry.size_bytes <= sums_bytes_max)
                  return into(sums);
                database = database || entry.name == database_name;
                if (entry.name == database_name || is_spool_name(entry.name)) return ArchiveSink();
                return damaged(file, "it holds " + entry.name);
              }));
  POSTERN_TRY(check_manifest(file, manifest));
  POSTERN_TRY(check_sums(file, std::move(hashes), sums));
  if (!database) return damaged(file, "the database is missing");
  return success();
}

/// Only what an earlier restore left, the key, and what a file system makes itself may be there.
Result<void> check_empty(const std::string& data_dir, const std::string& key_file) {
  std::error_code failed;
  const bool begun = fs::exists(data_dir + '/' + std::string(partial_name), failed) &&
                     !fs::exists(data_dir + '/' + std::string(database_name), failed);
  fs::directory_iterator it(data_dir, failed);
  if (failed == std::errc::no_such_file_or_directory) return success();
  if (failed) return Error{errc::io, data_dir + ": " + failed.message()};
  for (const auto& entry : it) {
    const auto name = entry.path().filename().string();
    if (name == "lost+found" || fs::equivalent(entry.path(), key_file, failed)) continue;
    if (begun && (name == partial_name || name == "spool")) continue;
    return Error{errc::wrong_state, data_dir + " is not empty (" + name +
                                        "): a backup is restored into an empty directory"};
  }
  fs::remove_all(data_dir + '/' + std::string(partial_name), failed);
  fs::remove_all(data_dir + "/spool", failed);
  return success();
}

/// One file that is written, fsynced at its end.
struct FreshFile {
  std::string path;
  Fd file;
};

Result<ArchiveSink> file_sink(std::string path) {
  POSTERN_TRY(make_directories(parent_directory(path)));
  auto fresh = std::make_shared<FreshFile>();  // the sink is copied, and its copies are one file
  POSTERN_TRY(fresh->file, open_file(path, O_WRONLY | O_CREAT | O_EXCL));
  fresh->path = std::move(path);
  return ArchiveSink([fresh](std::string_view piece) -> Result<void> {
    if (!piece.empty()) return write_whole(fresh->file, piece, fresh->path);
    POSTERN_TRY(sync_file(fresh->file, fresh->path));
    fresh->file.close();
    return success();
  });
}

Result<void> extract(const std::string& file, const std::string& folder, const Progress& progress) {
  std::set<std::string> folders{folder};
  std::uint64_t bytes = 0, files = 0;
  std::string sums;
  POSTERN_TRY(auto hashes,
              read_archive(file, [&](const ArchiveEntry& entry) -> Result<ArchiveSink> {
                if (entry.name == sums_name) return into(sums);
                if (entry.name != database_name && !is_spool_name(entry.name)) return ArchiveSink();
                bytes += entry.size_bytes;
                if (++files % 100 == 0) progress("writing", bytes, 0);
                auto path = folder + '/' + entry.name;
                folders.insert(parent_directory(path));
                return file_sink(std::move(path));
              }));
  POSTERN_TRY(check_sums(file, std::move(hashes), sums));  // it may have changed since it was read
  if (folders.size() > 1) folders.insert(folder + "/spool");
  for (const auto& each : folders) {
    POSTERN_TRY(sync_directory(each));
  }
  return success();
}

Result<void> check_copy(const std::string& file, const std::string& folder,
                        const std::string& key_file, const Progress& progress) {
  POSTERN_TRY(const auto report, verify_copy(folder, key_file, progress));
  if (report.findings.empty()) return success();
  return Error{errc::corrupt, file + ": " + report.findings.front()};
}

Result<void> rename_into(const std::string& folder, const std::string& data_dir,
                         std::string_view name) {
  const auto from = folder + '/' + std::string(name), to = data_dir + '/' + std::string(name);
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from);
  return sync_directory(data_dir);
}

}  // namespace

Result<void> restore_backup(const std::string& file, const std::string& data_dir,
                            const std::string& key_file, const Progress& progress) {
  if (!fs::exists(file)) return Error{errc::not_found, file + " does not exist"};
  POSTERN_TRY(const auto keys, read_key_file(key_file));
  if (keys.empty()) return Error{errc::key_missing, "key file " + key_file + " does not exist"};
  POSTERN_TRY(check_archive(file, progress));
  POSTERN_TRY(check_empty(data_dir, key_file));
  const auto folder = data_dir + '/' + std::string(partial_name);
  POSTERN_TRY(make_directories(folder));
  auto ready = extract(file, folder, progress);
  if (ready) ready = check_copy(file, folder, key_file, progress);
  std::error_code failed;
  if (!ready) {
    fs::remove_all(folder, failed);
    return ready;
  }
  if (fs::exists(folder + "/spool", failed)) {
    POSTERN_TRY(rename_into(folder, data_dir, "spool"));
  }
  POSTERN_TRY(rename_into(folder, data_dir, database_name));
  fs::remove_all(folder, failed);
  return success();
}

}  // namespace postern::storage
