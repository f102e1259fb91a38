// See checkpointer.hpp.
#include "storage/checkpointer.hpp"

#include <cstdio>
#include <cstdlib>

namespace postern::storage {
namespace {

[[noreturn]] void end_process(const std::exception& exception) {
  std::fprintf(stderr,
               "postern: an fsync failed (%s); ending, as only a new start can tell what the disk "
               "holds\n",
               exception.what());
  std::abort();
}

}  // namespace

Result<void> unless_fsync_fails(const std::function<void()>& act) {
  return guarded([&] {
    try {
      act();
    } catch (const std::exception& exception) {
      if (is_failed_fsync(exception)) end_process(exception);
      throw;
    }
  });
}

Checkpointer::Checkpointer(Database database)
    : database_(std::move(database)), thread_([this] { loop(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Checkpointer::wake() {
  {
    const std::lock_guard lock(mutex_);
    due_ = true;
  }
  changed_.notify_one();
}

bool Checkpointer::rests() const {
  const std::lock_guard lock(mutex_);
  return !due_ && !busy_;
}

void Checkpointer::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    busy_ = false;
    changed_.wait(lock, [this] { return due_ || closing_; });
    if (closing_) return;
    due_ = false;
    busy_ = true;
    lock.unlock();
    // Refused while the disk is full: the log keeps all, the next one tries again.
    static_cast<void>(
        unless_fsync_fails([this] { database_.checkpoint(Database::Checkpoint::passive); }));
    lock.lock();
  }
}

}  // namespace postern::storage
