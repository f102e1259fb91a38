// See writer.hpp.
#include "storage/writer.hpp"

#include "storage/chance.hpp"

namespace postern::storage {
namespace {

// The log is moved into the database file every 16 MiB, and begins anew past 64 MiB; past 256 MiB
// readers who still need it are waited for.
constexpr int checkpoint_pages = 1000;
constexpr int anew_pages = 4000;
constexpr int wait_pages = 16'000;

}  // namespace

Writer::Writer(Database database, std::optional<Database> checkpoints, IdSource ids,
               Options options)
    : database_(std::move(database)), ids_(std::move(ids)), options_(std::move(options)) {
  if (checkpoints) checkpointer_.emplace(std::move(*checkpoints));
  if (!options_.inline_mode) thread_ = std::thread([this] { loop(); });
}

bool Writer::done_inline(Work& work) {
  if (!options_.inline_mode) return false;
  if (closing_) {
    work.fail(Error{errc::io, "the store is closed"});
    return true;
  }
  // The entry does not own what the caller holds.
  Entry entry{std::shared_ptr<Work>(std::shared_ptr<Work>(), &work), nullptr};
  commit_some(std::span(&entry, 1));
  checkpoint_when_due();
  return true;
}

void Writer::push(std::shared_ptr<Work> work, std::unique_ptr<Waiter> waiter) {
  if (done_inline(*work)) return;
  Entry entry{std::move(work), std::move(waiter)};
  std::unique_lock lock(mutex_);
  if (closing_ || queue_.size() >= writer_queue_max) {
    const auto refusal = closing_ ? Error{errc::io, "the store is closed"}
                                  : Error{errc::busy, "the writer's queue is full"};
    lock.unlock();
    settle(std::span(&entry, 1), &refusal);
    return;
  }
  queue_.push_back(std::move(entry));
  const bool enough = queue_.size() == awaited_;
  lock.unlock();
  if (enough) arrived_.notify_one();
}

void Writer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
  checkpointer_.reset();
}

void Writer::loop() {
  std::vector<Entry> group;
  std::size_t settled = 0;
  while (take_group(group, settled)) {
    std::span<Entry> rest(group);
    while (!rest.empty()) rest = rest.subspan(commit_some(rest));
    settled = group.size();
    group.clear();
    checkpoint_when_due();
  }
}

// False when closing and nothing waits. `settled` is how many jobs the last group had.
bool Writer::take_group(std::vector<Entry>& group, std::size_t settled) {
  std::unique_lock lock(mutex_);
  const auto enough = [this] { return closing_ || queue_.size() >= awaited_; };
  awaited_ = 1;
  arrived_.wait(lock, enough);
  awaited_ = settled;
  arrived_.wait_for(lock, gather_max, enough);
  std::size_t bytes = 0;
  while (!queue_.empty() && group.size() < group_jobs_max && bytes < group_bytes_max) {
    bytes += queue_.front().work->bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !group.empty();
}

// Runs and settles `entries` or, when a failure of the database took the transaction with it, the
// first of them. Returns how many.
std::size_t Writer::commit_some(std::span<Entry> entries) {
  const auto start = steady_clock_now();
  wrote_events_ = false;
  const auto begun = unless_fsync_fails([this] { database_.run("BEGIN IMMEDIATE"); });
  if (begun.has_error()) {
    settle(entries, &begun.error());
    return entries.size();
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    run_in_savepoint(*entries[i].work);
    if (database_.in_transaction()) continue;
    // SQLite undid the whole transaction: this job has its own error, those before it share it.
    const bool full = entries[i].work->error().code == errc::disk_full;
    const Error lost{full ? errc::disk_full : errc::io, "a failure in the same group undid it"};
    settle(entries.first(i), &lost);
    settle(entries.subspan(i, 1), nullptr);
    return i + 1;
  }
  const auto kept = unless_fsync_fails([this] { database_.run("COMMIT"); });
  if (kept.has_error()) {
    if (database_.in_transaction())
      static_cast<void>(unless_fsync_fails([this] { database_.execute("ROLLBACK"); }));
    settle(entries, &kept.error());
    return entries.size();
  }
  if (options_.on_commit) options_.on_commit(steady_clock_now() - start);
  if (std::exchange(wrote_events_, false) && options_.on_events) options_.on_events();
  settle(entries, nullptr);
  return entries.size();
}

void Writer::run_in_savepoint(Work& work) {
  const auto ran = unless_fsync_fails([&] {
    database_.run("SAVEPOINT job");
    Transaction transaction{database_, &ids_};
    work.run(transaction);
    if (!work.failed()) database_.run("RELEASE job");
    if (!work.failed() && transaction.wrote_events) wrote_events_ = true;
  });
  if (ran.has_error()) work.fail(ran.error());
  if (!work.failed() || !database_.in_transaction()) return;
  const auto undone = unless_fsync_fails([this] {
    database_.run("ROLLBACK TO job");
    database_.run("RELEASE job");
  });
  // What can't be undone alone is undone with all that came before it in the group.
  if (undone.has_error() && database_.in_transaction()) {
    static_cast<void>(unless_fsync_fails([this] { database_.execute("ROLLBACK"); }));
  }
}

// Without a failure each work has its own outcome, and those that went well are durable.
void Writer::settle(std::span<Entry> entries, const Error* failure) {
  for (auto& entry : entries) {
    if (failure != nullptr) {
      entry.work->fail(*failure);
    } else if (!entry.work->failed()) {
      entry.work->committed();
    }
    // Let go before the coroutine goes on, so that it is the last to hold what it submitted.
    entry.work.reset();
    if (entry.waiter) entry.waiter->resume();
    entry.waiter.reset();
  }
}

void Writer::checkpoint_when_due() {
  const int pages = database_.log_pages();
  if (pages < checkpointed_pages_) checkpointed_pages_ = 0;  // the log began anew
  const bool due = pages - checkpointed_pages_ >= checkpoint_pages;
  // What came while the checkpointer was at work; after that the next commit writes the log anew.
  const bool rest_due = rest_awaited_ && checkpointer_->rests();
  if (!due && !rest_due) return;
  checkpointed_pages_ = pages;
  rest_awaited_ = false;
  if (checkpointer_ && !rest_due) {
    rest_awaited_ = pages >= anew_pages;
    checkpointer_->wake();
    return;
  }
  const auto kind =
      pages >= wait_pages ? Database::Checkpoint::restart : Database::Checkpoint::passive;
  // Refused while the disk is full or readers are busy: the log keeps all, the next one tries
  // again.
  static_cast<void>(unless_fsync_fails([&] { database_.checkpoint(kind); }));
}

void Writer::read_inline(Work& work) {
  const auto ran = guarded([&] {
    Transaction transaction{database_, nullptr};
    work.run(transaction);
  });
  if (ran.has_error()) work.fail(ran.error());
}

}  // namespace postern::storage
