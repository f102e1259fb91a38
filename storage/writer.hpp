// The writer: the one thread that changes the database.
//
// It takes what waits (at most group_jobs_max jobs and about group_bytes_max bytes), runs each job
// in a savepoint of its own, commits them as one group with one fsync, and lets their coroutines go
// on. While one group commits, the next one gathers. Who was in a group is often back at once, with
// the next thing to keep (a lane that sends mail after mail): so as many jobs as the last group had
// are waited for, gather_max at most. One caller alone never waits.
//
//   a job fails        → it alone is rolled back
//   the commit fails   → the whole group fails, nothing of it is stored
//   an fsync fails     → the process ends: nobody knows what the disk holds, only a new start finds
//                        out by reading it
#pragma once

#include "storage/checkpointer.hpp"
#include "storage/database.hpp"
#include "storage/id_source.hpp"
#include "storage/submit.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace postern::storage {

constexpr std::size_t group_jobs_max = 256;
constexpr std::size_t group_bytes_max = 16 * 1024 * 1024;
constexpr std::chrono::microseconds gather_max{300};
/// Waiting in the queue is the back pressure on each caller; more callers than this are refused.
constexpr std::size_t writer_queue_max = 8192;

class Writer final : public WorkQueue {
 public:
  struct Options {
    bool inline_mode = false;
    std::function<void(std::chrono::microseconds)> on_commit;
    std::function<void()> on_events;  // after a commit with events, before its callers go on
  };

  /// `checkpoints`: a connection for the checkpointer; without one the writer does its work.
  Writer(Database database, std::optional<Database> checkpoints, IdSource ids, Options options);
  ~Writer() override { close(); }

  bool done_inline(Work& work) override;
  void push(std::shared_ptr<Work> work, std::unique_ptr<Waiter> waiter) override;

  /// Runs `work` at once on the calling thread, without its being kept: the readers' inline mode.
  void read_inline(Work& work);

  /// Commits all that waits, ends the thread. Later work fails.
  void close();

 private:
  struct Entry {
    std::shared_ptr<Work> work;
    std::unique_ptr<Waiter> waiter;
  };

  void loop();
  bool take_group(std::vector<Entry>& group, std::size_t settled);
  std::size_t commit_some(std::span<Entry> entries);
  void run_in_savepoint(Work& work);
  void checkpoint_when_due();
  static void settle(std::span<Entry> entries, const Error* failure);

  Database database_;
  IdSource ids_;
  Options options_;
  std::optional<Checkpointer> checkpointer_;
  int checkpointed_pages_ = 0;
  bool rest_awaited_ = false;  // the log is to begin anew when the checkpointer is through
  bool wrote_events_ = false;  // in the group under way

  std::mutex mutex_;  // of the three below
  std::deque<Entry> queue_;
  std::size_t awaited_ = 1;  // jobs that wake the thread
  bool closing_ = false;
  std::condition_variable arrived_;
  std::thread thread_;
};

}  // namespace postern::storage
