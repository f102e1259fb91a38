// A backup's archive: a tar file (POSIX pax) of regular files, the last one SHA256SUMS with the
// hash of every other. Whatever tar and sha256sum can read it. Only archive.cpp knows libarchive.
#pragma once

#include "net/hashing.hpp"
#include "storage/file.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace postern::storage {

inline constexpr std::string_view sums_name = "SHA256SUMS";
constexpr std::uint64_t sums_bytes_max = 512 * 1024 * 1024;

/// Writes `path`.partial, which becomes `path` by finish() alone; else it is removed.
class ArchiveWriter {
 public:
  /// Errors: io, disk_full.
  static Result<std::unique_ptr<ArchiveWriter>> create(std::string path);
  ~ArchiveWriter();
  ArchiveWriter(const ArchiveWriter&) = delete;

  /// Errors: io, disk_full.
  Result<void> add_text(std::string_view name, std::string_view text);
  /// The file's bytes as they are. Errors: not_found (there is no such file), io, disk_full,
  /// corrupt (it became shorter while it was read), stopped (by `stop`, between two pieces).
  Result<void> add_file(std::string_view name, const std::string& file,
                        const std::stop_token& stop = {});
  /// The sums, then everything fsynced and renamed. Nothing may follow.
  Result<void> finish();

  std::uint64_t bytes() const;  // written so far

 private:
  struct State;
  explicit ArchiveWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One file of an archive that is read.
struct ArchiveEntry {
  std::string name;
  std::uint64_t size_bytes = 0;
};

/// Takes the bytes of an entry, piece by piece; called once with an empty piece at its end.
using ArchiveSink = std::function<Result<void>(std::string_view piece)>;

/// Reads the archive from its beginning to its end: `open` is asked for each file's sink (an empty
/// one: only its hash is wanted). Gives the hashes by name, SHA256SUMS included.
/// Errors: corrupt (no archive, cut off, or something else than regular files), io, the sinks' own.
Result<std::map<std::string, std::string>> read_archive(
    const std::string& path,
    const std::function<Result<ArchiveSink>(const ArchiveEntry& entry)>& open);

}  // namespace postern::storage
