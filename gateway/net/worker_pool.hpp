// WorkerPool: processes that do work which may crash or hang (parsing foreign mail), each request
// with a deadline. A worker that dies or is late costs its one request and is replaced.
//
// Frames, both ways on a socketpair that the worker has as fd 3: u8 kind, u32 little-endian length,
// payload.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace postern::net {

struct WorkerFrame {
  std::uint8_t kind = 0;
  std::string payload;
};

/// Interface, so that the simulator can answer in process.
class Workers {
 public:
  virtual ~Workers() = default;
  /// Gives one request to a free worker, waits for its reply. `deadline` counts from when a worker
  /// took it. Errors: worker_died, worker_deadline. From any executor; comes back to it.
  virtual Task<Result<WorkerFrame>> ask(WorkerFrame request, Duration deadline) = 0;
};

struct WorkerLimits {
  std::size_t waiting_max = 10'000;           // requests no worker took yet; one more: worker_died
  std::size_t payload_bytes_max = 256 << 20;  // of a reply; a longer one: worker_died
};

/// Starts `argv` up to `count` times, when needed: the file argv[0] if that has a slash, else this
/// program itself (/proc/self/exe). A worker sees the end of fd 3 when the pool goes. Owns one
/// thread; must outlive who asks.
std::unique_ptr<Workers> make_worker_pool(std::vector<std::string> argv, std::size_t count,
                                          WorkerLimits limits = {});

}  // namespace postern::net
