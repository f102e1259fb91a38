// See log_folder.hpp. Every name of the path is opened by itself, below the directory opened before
// it, and never through a link.
#include "storage/log_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace postern::storage {
namespace {

constexpr mode_t directory_mode = 0750;
constexpr mode_t file_mode = 0640;

std::vector<std::string> names_of(std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const auto slash = path.find('/');
    names.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
  }
  return names;
}

bool is_safe(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('\0') == name.npos;
}

Result<Fd> open_below(const Fd& directory, const std::string& name, int flags, mode_t mode) {
  for (;;) {
    Fd opened(::openat(directory.number(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode));
    if (opened) return opened;
    if (errno != EINTR) return system_error("open", name);
  }
}

Result<Fd> enter(const Fd& directory, const std::string& name) {
  if (::mkdirat(directory.number(), name.c_str(), directory_mode) != 0 && errno != EEXIST) {
    return system_error("make the directory", name);
  }
  return open_below(directory, name, O_RDONLY | O_DIRECTORY, 0);
}

/// A file of ours alone: no device, no pipe, no second name of a file elsewhere.
Result<struct stat> facts_of(const Fd& file, const std::string& name) {
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0) return system_error("stat", name);
  if (!S_ISREG(facts.st_mode) || facts.st_nlink > 1) {
    return Error{errc::io, name + " is no plain file of its own"};
  }
  return facts;
}

/// FILE.4 becomes FILE.5, and so on, FILE becomes FILE.1.
Result<void> set_aside(const Fd& directory, const std::string& name) {
  for (int number = LogFolder::files_kept; number >= 1; --number) {
    const auto older = name + "." + std::to_string(number);
    const auto newer = number == 1 ? name : name + "." + std::to_string(number - 1);
    const int moved =
        ::renameat(directory.number(), newer.c_str(), directory.number(), older.c_str());
    if (moved != 0 && errno != ENOENT) return system_error("rename", newer);
  }
  return success();
}

}  // namespace

Result<void> LogFolder::append(std::string_view path, std::string line) const {
  if (directory_.empty()) return Error{errc::io, "there is no directory of logs"};
  const auto names = names_of(path);
  for (const auto& name : names) {
    if (!is_safe(name)) return Error{errc::io, "the path leads out of the directory of logs"};
  }
  if (names.empty()) return Error{errc::io, "the path names no file"};
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  line += '\n';

  POSTERN_TRY(make_directories(directory_));
  POSTERN_TRY(auto folder, open_file(directory_, O_RDONLY | O_DIRECTORY));
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    POSTERN_TRY(folder, enter(folder, names[i]));
  }
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;
  POSTERN_TRY(auto file, open_below(folder, names.back(), flags, file_mode));
  POSTERN_TRY(const auto facts, facts_of(file, names.back()));
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  if (size > 0 && size + line.size() > bytes_max_) {
    POSTERN_TRY(set_aside(folder, names.back()));
    POSTERN_TRY(file, open_below(folder, names.back(), flags, file_mode));
    POSTERN_TRY(facts_of(file, names.back()));
  }
  return write_whole(file, line, names.back());
}

}  // namespace postern::storage
