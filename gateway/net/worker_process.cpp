#include "net/worker_process.hpp"

#include "net/clock.hpp"
#include "net/env.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace postern::net {
namespace {

constexpr int worker_fd = 3;
constexpr std::size_t header_bytes = 5;  // u8 kind, u32 little-endian length
constexpr std::size_t read_bytes = 64 * 1024;

std::size_t payload_length(const std::string& bytes) {
  std::size_t length = 0;
  for (std::size_t i = header_bytes - 1; i > 0; --i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

// posix_spawn's two option objects, and what a worker starts with: default signals, fd 3 and the
// standard streams, nothing else of ours.
struct SpawnOptions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  explicit SpawnOptions(int fd) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, fd, worker_fd);
    posix_spawn_file_actions_addclosefrom_np(&files, worker_fd + 1);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "by signal " + std::to_string(WTERMSIG(status));
  return "with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const std::vector<std::string>& argv,
                                                            std::size_t payload_bytes_max) {
  POSTERN_ASSERT(!argv.empty());
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return Error{errc::io, "no socket for a worker"};
  }
  // Only ours is non-blocking; the worker reads and writes the simple way.
  fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) & ~O_NONBLOCK);
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const bool is_path = argv[0].find('/') != std::string::npos;
  const SpawnOptions options(ends[1]);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, is_path ? argv[0].c_str() : "/proc/self/exe", &options.files,
                                &options.attributes, arguments.data(), environ);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return Error{errc::io, "cannot start " + argv[0] + ": " + std::strerror(error)};
  }
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(pid, ends[0], payload_bytes_max));
}

WorkerProcess::WorkerProcess(pid_t pid, int fd, std::size_t payload_bytes_max)
    : pid_(pid), fd_(fd), payload_bytes_max_(payload_bytes_max) {}

WorkerProcess::~WorkerProcess() {
  if (!dead_) fail({errc::worker_died, "the pool is closing"});
}

short WorkerProcess::events() const {
  const bool sending = request_ && sent_ < request_->bytes.size();
  return static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN);
}

std::optional<Duration> WorkerProcess::deadline() const {
  return request_ ? std::optional(deadline_) : std::nullopt;
}

void WorkerProcess::take(WorkerRequest request) {
  POSTERN_ASSERT(!request_ && !dead_);
  deadline_ = steady_now() + request.deadline;
  request_ = std::move(request);
  sent_ = 0;
  send_some();
}

void WorkerProcess::on_ready() {
  if (!dead_) receive_some();
  if (!dead_) send_some();
}

void WorkerProcess::end_if_late(Duration now) {
  if (dead_ || !request_ || now < deadline_) return;
  fail({errc::worker_deadline, "after " + std::to_string(request_->deadline.count()) + " ms"});
}

void WorkerProcess::send_some() {
  while (request_ && sent_ < request_->bytes.size()) {
    const auto count =
        send(fd_, request_->bytes.data() + sent_, request_->bytes.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) return fail({errc::worker_died, ""});
    sent_ += static_cast<std::size_t>(count);
  }
}

void WorkerProcess::receive_some() {
  std::array<char, read_bytes> buffer;
  for (;;) {
    const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return fail({errc::worker_died, ""});
    if (!request_) return fail({errc::worker_died, "it spoke unasked"});
    reply_.append(buffer.data(), static_cast<std::size_t>(count));
    answer_if_complete();
    if (dead_) return;
  }
}

void WorkerProcess::answer_if_complete() {
  if (reply_.size() < header_bytes) return;
  const auto length = payload_length(reply_);
  if (length > payload_bytes_max_) return fail({errc::worker_died, "its reply is too long"});
  if (reply_.size() < header_bytes + length) return;
  if (reply_.size() > header_bytes + length) return fail({errc::worker_died, "it said too much"});
  WorkerFrame frame;
  frame.kind = static_cast<std::uint8_t>(reply_[0]);
  frame.payload = reply_.substr(header_bytes);
  reply_ = std::string();
  auto asker = std::move(request_->asker);
  request_.reset();
  asker->give(std::move(frame));
}

// SIGKILL and the wait for it: at once, since the process can neither catch nor delay it.
void WorkerProcess::fail(Error why) {
  dead_ = true;
  ::close(fd_);
  int status = 0;
  pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0) {
    kill(pid_, SIGKILL);
    ended = waitpid(pid_, &status, 0);
  }
  if (!request_) return;
  if (why.code == errc::worker_died && why.detail.empty()) why.detail = how_it_ended(status);
  request_->asker->give(std::move(why));
  request_.reset();
}

}  // namespace postern::net
