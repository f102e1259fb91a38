// WorkerProcess: one child process, the socket to it, and the request it is busy with. Used by the
// pool's thread alone.
#pragma once

#include "net/handoff.hpp"
#include "net/worker_pool.hpp"

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::net {

using WorkerReply = Result<WorkerFrame>;

struct WorkerRequest {
  std::string bytes;  // the frame as sent
  Duration deadline{};
  std::shared_ptr<Handoff<WorkerReply>> asker;
};

class WorkerProcess {
 public:
  /// Errors: io, when the process cannot be started.
  static Result<std::unique_ptr<WorkerProcess>> start(const std::vector<std::string>& argv,
                                                      std::size_t payload_bytes_max);
  ~WorkerProcess();  // ends the process, whatever it does, and the request it has

  bool busy() const { return request_.has_value(); }
  bool dead() const { return dead_; }
  int fd() const { return fd_; }
  short events() const;  // what to poll for
  std::optional<Duration> deadline() const;

  void take(WorkerRequest request);
  void on_ready();  // moves bytes; answers a finished request; notices death
  void end_if_late(Duration now);

 private:
  WorkerProcess(pid_t pid, int fd, std::size_t payload_bytes_max);
  void send_some();
  void receive_some();
  void answer_if_complete();
  void fail(Error why);

  pid_t pid_;
  int fd_;
  std::size_t payload_bytes_max_;
  std::optional<WorkerRequest> request_;
  std::size_t sent_ = 0;
  Duration deadline_{};
  std::string reply_;
  bool dead_ = false;
};

}  // namespace postern::net
