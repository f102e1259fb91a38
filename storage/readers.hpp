// The readers: a few threads, each with a read-only connection of its own, for queries and for the
// file work that would hold up a shard. Each job sees one snapshot of the database.
#pragma once

#include "storage/database.hpp"
#include "storage/submit.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace postern::storage {

constexpr std::size_t reader_count = 3;
constexpr std::size_t reader_queue_max = 8192;

class Writer;

class Readers final : public WorkQueue {
 public:
  /// One thread a connection; with none (inline mode) the work is done in the writer's connection.
  Readers(std::vector<Database> connections, Writer& writer);
  ~Readers() override { close(); }

  bool done_inline(Work& work) override;
  void push(std::shared_ptr<Work> work, std::unique_ptr<Waiter> waiter) override;

  /// Does all that waits, ends the threads.
  void close();

 private:
  struct Entry {
    std::shared_ptr<Work> work;
    std::unique_ptr<Waiter> waiter;
  };
  void loop(Database database);

  Writer& writer_;
  const bool inline_mode_;
  std::mutex mutex_;  // of the two below
  std::deque<Entry> queue_;
  bool closing_ = false;
  std::condition_variable arrived_;
  std::vector<std::thread> threads_;
};

}  // namespace postern::storage
