#include "message/mime_worker.hpp"

#include "message/mime_protocol.hpp"
#include "message/vmime_setup.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>

namespace postern::message {
namespace {

constexpr int exit_end_of_input = 0, exit_io_error = 74;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool has_shadow_memory = true;
#elif defined(__has_feature)
constexpr bool has_shadow_memory =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool has_shadow_memory = false;
#endif

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// Best effort: a kernel that refuses one of these is no reason not to work.
void give_up_rights() {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, mime_worker_files_max);
  if (!has_shadow_memory) limit(RLIMIT_AS, mime_worker_memory_bytes_max);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

enum class Read { all, end, broken };

/// `end` only at the first byte: a peer that closes within a frame has broken it.
Read read_all(int fd, char* data, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t count = ::read(fd, data + at, size - at);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 && at == 0) return Read::end;
    if (count <= 0) return Read::broken;
    at += static_cast<std::size_t>(count);
  }
  return Read::all;
}

bool write_all(int fd, const char* data, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t count = ::send(fd, data + at, size - at, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += static_cast<std::size_t>(count);
  }
  return true;
}

std::uint32_t length_in(const std::array<char, 5>& head) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(head[i + 1])) << (8 * i);
  }
  return length;
}

bool write_frame(int fd, std::uint8_t kind, const std::string& payload) {
  std::array<char, 5> head{static_cast<char>(kind)};
  for (std::size_t i = 0; i < 4; ++i) {
    head[i + 1] = static_cast<char>(payload.size() >> (8 * i) & 0xFF);
  }
  return write_all(fd, head.data(), head.size()) && write_all(fd, payload.data(), payload.size());
}

}  // namespace

int run_mime_worker(int fd) {
  give_up_rights();
  setup_vmime();
  for (;;) {  // ends with the connection
    std::array<char, 5> head{};
    const Read began = read_all(fd, head.data(), head.size());
    if (began == Read::end) return exit_end_of_input;
    const std::uint32_t length = length_in(head);
    if (began == Read::broken || length > mime_frame_bytes_max) return exit_io_error;
    std::string payload(length, '\0');
    if (length > 0 && read_all(fd, payload.data(), length) != Read::all) return exit_io_error;
    const auto kind = static_cast<std::uint8_t>(head[0]);
    if (!write_frame(fd, kind, answer(kind, payload))) return exit_io_error;
  }
}

}  // namespace postern::message
