// See file.hpp.
#include "storage/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

namespace postern::storage {
namespace {

constexpr std::chrono::milliseconds lock_step{20};

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this == &other) return *this;
  close();
  number_ = std::exchange(other.number_, -1);
  return *this;
}

void Fd::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Error system_error(std::string_view what, const std::string& path) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  std::string detail(what);
  detail += ' ';
  detail += path;
  detail += ": ";
  detail += std::strerror(number);
  return Error{full ? errc::disk_full : errc::io, std::move(detail)};
}

Result<Fd> open_file(const std::string& path, int flags, mode_t mode) {
  for (;;) {
    Fd file(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (file) return file;
    if (errno != EINTR) return system_error("open", path);
  }
}

Result<void> write_whole(const Fd& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return success();
}

Result<std::string> read_whole(const std::string& path, std::uint64_t bytes_max) {
  POSTERN_TRY(auto file, open_file(path, O_RDONLY));
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0) return system_error("stat", path);
  if (static_cast<std::uint64_t>(facts.st_size) > bytes_max) {
    return Error{errc::corrupt, path + " is larger than it can be"};
  }
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got = ::read(file.number(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<void> sync_file(const Fd& file, const std::string& path) {
  if (::fsync(file.number()) != 0) return system_error("fsync", path);
  return success();
}

Result<void> sync_directory(const std::string& path) {
  POSTERN_TRY(auto directory, open_file(path, O_RDONLY | O_DIRECTORY));
  return sync_file(directory, path);
}

std::string parent_directory(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  const auto slash = end == std::string::npos ? std::string::npos : path.rfind('/', end);
  if (slash == std::string::npos) return path.starts_with('/') ? "/" : ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> make_directories(const std::string& path) {
  std::vector<std::string> missing;
  struct stat facts {};
  for (auto at = path; ::stat(at.c_str(), &facts) != 0; at = parent_directory(at)) {
    if (errno != ENOENT) return system_error("stat", at);
    missing.push_back(at);
    if (at == "." || at == "/") break;
  }
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    if (::mkdir(it->c_str(), 0700) != 0 && errno != EEXIST) return system_error("mkdir", *it);
    POSTERN_TRY(sync_directory(parent_directory(*it)));
  }
  return success();
}

Result<Fd> lock_file(const std::string& path, std::chrono::milliseconds patience) {
  POSTERN_TRY(auto file, open_file(path, O_RDWR | O_CREAT));
  for (;;) {
    if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_error("lock", path);
    if (patience <= std::chrono::milliseconds::zero()) return Fd();
    std::this_thread::sleep_for(lock_step);
    patience -= lock_step;
  }
}

}  // namespace postern::storage
