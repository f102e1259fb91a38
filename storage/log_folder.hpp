// LogFolder: text files that event rules write, all below one directory. No path leads out of it,
// neither by ".." nor by a link that somebody has put there; files that grow are set aside.
#pragma once

#include "storage/errc.hpp"
#include "storage/file.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::storage {

class LogFolder {
 public:
  static constexpr std::uint64_t file_bytes_max = 10 * 1024 * 1024;  // then FILE becomes FILE.1
  static constexpr int files_kept = 5;                               // FILE.1 to FILE.5

  /// `directory` is made when the first line is written. It may itself be a link.
  explicit LogFolder(std::string directory, std::uint64_t bytes_max = file_bytes_max)
      : directory_(std::move(directory)), bytes_max_(bytes_max) {}

  /// Adds `line` and a line end to `path`, which is relative; control characters in the line become
  /// blanks. The file is opened anew for each line, so that one that was moved away is made again.
  /// Errors: io (no directory given, a link or something else than a file in its place), disk_full.
  Result<void> append(std::string_view path, std::string line) const;

 private:
  std::string directory_;
  std::uint64_t bytes_max_;
};

}  // namespace postern::storage
