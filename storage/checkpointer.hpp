// The checkpointer: moves the write-ahead log's pages into the database file, in a thread and by a
// connection of its own, while the writer goes on. Each time is two fsyncs and the pages' writing:
// tens of milliseconds that no commit has to wait for.
//
// It never waits for a reader, and never makes the log begin anew: while the writer appends there
// is always a rest. That rest, small by then, is the writer's (writer.hpp).
#pragma once

#include "storage/database.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace postern::storage {

class Checkpointer {
 public:
  /// `database`: a connection that nobody else uses, of Access::checkpoint.
  explicit Checkpointer(Database database);
  Checkpointer(const Checkpointer&) = delete;
  ~Checkpointer();

  /// Has it begin, or begin again when it is under way.
  void wake();
  /// Whether it has done all it was woken for.
  bool rests() const;

 private:
  void loop();

  Database database_;
  mutable std::mutex mutex_;  // of the three below
  bool due_ = false, closing_ = false, busy_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

/// Does `act`; ends the process when an fsync failed in it: only a new start can tell what the disk
/// holds.
Result<void> unless_fsync_fails(const std::function<void()>& act);

}  // namespace postern::storage
