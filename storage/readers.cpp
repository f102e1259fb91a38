// See readers.hpp.
#include "storage/readers.hpp"

#include "storage/writer.hpp"

namespace postern::storage {
namespace {

void read(Database& database, Work& work) {
  const auto ran = guarded([&] {
    database.run("BEGIN");
    Transaction transaction{database, nullptr};
    work.run(transaction);
  });
  if (ran.has_error()) work.fail(ran.error());
  if (!database.in_transaction()) return;
  const auto ended = guarded([&] { database.run("COMMIT"); });
  if (ended.has_error() && !work.failed()) work.fail(ended.error());
}

}  // namespace

Readers::Readers(std::vector<Database> connections, Writer& writer)
    : writer_(writer), inline_mode_(connections.empty()) {
  for (auto& connection : connections) {
    threads_.emplace_back(
        [this, database = std::move(connection)]() mutable { loop(std::move(database)); });
  }
}

bool Readers::done_inline(Work& work) {
  if (!inline_mode_) return false;
  writer_.read_inline(work);
  return true;
}

void Readers::push(std::shared_ptr<Work> work, std::unique_ptr<Waiter> waiter) {
  std::unique_lock lock(mutex_);
  if (closing_ || queue_.size() >= reader_queue_max) {
    work->fail(closing_ ? Error{errc::io, "the store is closed"}
                        : Error{errc::busy, "the readers' queue is full"});
    lock.unlock();
    work.reset();
    if (waiter) waiter->resume();
    return;
  }
  queue_.push_back({std::move(work), std::move(waiter)});
  lock.unlock();
  arrived_.notify_one();
}

void Readers::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Readers::loop(Database database) {
  for (;;) {
    Entry entry;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      entry = std::move(queue_.front());
      queue_.pop_front();
    }
    read(database, *entry.work);
    entry.work.reset();
    entry.waiter->resume();
  }
}

}  // namespace postern::storage
