#include "net/worker_pool.hpp"

#include "net/clock.hpp"
#include "net/env.hpp"
#include "net/worker_process.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>

namespace postern::net {
namespace {

// The thread's own limit ends every request; this one only says that a wait has a limit.
constexpr Duration reply_wait_max = std::chrono::hours(24);

std::string encode(const WorkerFrame& frame) {
  std::string bytes(1, static_cast<char>(frame.kind));
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(frame.payload.size() >> shift & 0xff);
  }
  return bytes + frame.payload;
}

class WorkerPool final : public Workers {
 public:
  WorkerPool(std::vector<std::string> argv, std::size_t count, WorkerLimits limits)
      : argv_(std::move(argv)), count_(count), limits_(limits) {
    wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    POSTERN_ASSERT(count_ > 0 && wake_fd_ >= 0);
    thread_ = std::thread([this] { run(); });
  }
  ~WorkerPool() override;

  Task<Result<WorkerFrame>> ask(WorkerFrame request, Duration deadline) override;

 private:
  void wake() const;
  void run();
  std::optional<WorkerRequest> next_request();
  WorkerProcess* free_worker();
  void hand_out();
  void wait_for_workers();

  const std::vector<std::string> argv_;
  const std::size_t count_;
  const WorkerLimits limits_;
  int wake_fd_ = -1;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;  // the thread's own
  std::mutex mutex_;
  std::deque<WorkerRequest> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
  for (auto& request : waiting_) {
    request.asker->give(Error{errc::worker_died, "the pool is closing"});
  }
  ::close(wake_fd_);
}

void WorkerPool::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
}

Task<Result<WorkerFrame>> WorkerPool::ask(WorkerFrame request, Duration deadline) {
  POSTERN_ASSERT(request.payload.size() <= UINT32_MAX);
  WorkerRequest waiting;
  waiting.bytes = encode(request);
  waiting.deadline = deadline;
  waiting.asker = std::make_shared<Handoff<WorkerReply>>(co_await boost::asio::this_coro::executor);
  auto asker = waiting.asker;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits_.waiting_max) {
      co_return Error{errc::worker_died, "too many requests wait for a worker"};
    }
    waiting_.push_back(std::move(waiting));
  }
  wake();
  auto reply = co_await Handoff<WorkerReply>::take(std::move(asker), reply_wait_max);
  if (!reply) co_return Error{errc::worker_deadline, "no worker came free"};
  co_return std::move(*reply);
}

std::optional<WorkerRequest> WorkerPool::next_request() {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    auto request = std::move(waiting_.front());
    waiting_.pop_front();
    if (!request.asker->abandoned()) return request;
  }
  return std::nullopt;
}

WorkerProcess* WorkerPool::free_worker() {
  for (const auto& worker : workers_) {
    if (!worker->busy()) return worker.get();
  }
  if (workers_.size() >= count_) return nullptr;
  auto started = WorkerProcess::start(argv_, limits_.payload_bytes_max);
  if (!started) {
    if (auto request = next_request()) {
      request->asker->give(started.error());
    }
    return nullptr;
  }
  return workers_.emplace_back(std::move(started).value()).get();
}

void WorkerPool::hand_out() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return;
    }
    WorkerProcess* worker = free_worker();
    if (worker == nullptr && workers_.size() >= count_) return;
    if (worker == nullptr) continue;  // it could not be started, which one request was told
    if (auto request = next_request()) worker->take(std::move(*request));
  }
}

void WorkerPool::wait_for_workers() {
  std::vector<pollfd> fds{{wake_fd_, POLLIN, 0}};
  Duration wait = std::chrono::hours(1);
  for (const auto& worker : workers_) {
    fds.push_back({worker->fd(), worker->events(), 0});
    if (const auto deadline = worker->deadline()) {
      wait = std::clamp(*deadline - steady_now(), Duration(0), wait);
    }
  }
  if (poll(fds.data(), fds.size(), static_cast<int>(wait.count())) < 0) return;
  if (fds[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (fds[i + 1].revents != 0) workers_[i]->on_ready();
    workers_[i]->end_if_late(steady_now());
  }
  std::erase_if(workers_, [](const auto& worker) { return worker->dead(); });
}

void WorkerPool::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    hand_out();
    std::erase_if(workers_, [](const auto& worker) { return worker->dead(); });
    wait_for_workers();
  }
  workers_.clear();
}

}  // namespace

std::unique_ptr<Workers> make_worker_pool(std::vector<std::string> argv, std::size_t count,
                                          WorkerLimits limits) {
  return std::make_unique<WorkerPool>(std::move(argv), count, limits);
}

}  // namespace postern::net
