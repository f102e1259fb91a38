// Files as the operating system has them: descriptors that close themselves, whole reads and
// writes, fsync of files and of directories, and a lock between processes.
#pragma once

#include "storage/errc.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace postern::storage {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { close(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// errno as an Error whose detail is "what path: reason": disk_full for ENOSPC and EDQUOT, else io.
Error system_error(std::string_view what, const std::string& path);

/// Always close-on-exec. Errors: io, disk_full.
Result<Fd> open_file(const std::string& path, int flags, mode_t mode = 0600);

Result<void> write_whole(const Fd& file, std::string_view bytes, const std::string& path);

/// All of the file. Errors: io (also when it is missing), corrupt (over `bytes_max`).
Result<std::string> read_whole(const std::string& path, std::uint64_t bytes_max);

/// Returns when what was written to the file is on the disk.
Result<void> sync_file(const Fd& file, const std::string& path);

/// Returns when the names in the directory are on the disk: a new, renamed or removed file needs
/// it.
Result<void> sync_directory(const std::string& path);

/// Makes the directory and those above it (mode 0700), each durable. Existing ones are left alone.
Result<void> make_directories(const std::string& path);

/// "a/b" of "a/b/c"; "." of "c".
std::string parent_directory(const std::string& path);

/// Takes the lock file for this process, until the Fd goes; an empty Fd when another holds it
/// longer than `patience`. The kernel frees it when the process ends, however it ends.
Result<Fd> lock_file(const std::string& path, std::chrono::milliseconds patience);

}  // namespace postern::storage
