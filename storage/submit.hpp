// Submitting work: a coroutine hands a job to the writer's or a reader's thread, waits, and goes on
// on its own executor with the job's result.
//
// A write that is queued is not cancelled: its coroutine waits for the end, so that rows and memory
// never disagree, and the cancellation throws at its next co_await. While it waits it counts as
// outstanding work of its executor, which must outlive the store.
#pragma once

#include "net/task.hpp"
#include "storage/database.hpp"
#include "storage/id_source.hpp"

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace postern::storage {

/// What a job works in: one savepoint of the writer's, or one snapshot of a reader's connection.
struct Transaction {
  Database& database;
  IdSource* ids;              // the writer's; nullptr for readers
  bool wrote_events = false;  // those who wait for events are told after the commit

  template <class Id>
  Id new_id() {
    POSTERN_ASSERT(ids != nullptr);
    Id id;
    id.value = ids->next();
    return id;
  }
  template <class... Parameters>
  Query query(std::string_view sql, const Parameters&... parameters) {
    return database.query(sql, parameters...);
  }
  template <class... Parameters>
  void run(std::string_view sql, const Parameters&... parameters) {
    database.run(sql, parameters...);
  }
};

/// One submitted job and its result. Shared by the waiting coroutine and the queue, so that
/// neither depends on the other's life.
class Work {
 public:
  explicit Work(std::size_t bytes) : bytes_(bytes) {}
  virtual ~Work() = default;

  /// Keeps the job's result; may throw what the database throws.
  virtual void run(Transaction& transaction) = 0;
  virtual bool failed() const = 0;
  virtual void fail(Error error) = 0;
  virtual const Error& error() const = 0;  // needs failed(), after run() or fail()
  /// What run() did is durable.
  virtual void committed() = 0;

  std::size_t bytes() const { return bytes_; }  // about what it will write

 private:
  std::size_t bytes_;
};

/// A coroutine that waits.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Once, from any thread; lets it go on, on its executor.
  virtual void resume() = 0;
};

class WorkQueue {
 public:
  virtual ~WorkQueue() = default;
  /// In inline mode does the work at once and returns true.
  virtual bool done_inline(Work& work) = 0;
  /// Takes the work; a full or closed queue fails it. Nobody waits when `waiter` is empty.
  virtual void push(std::shared_ptr<Work> work, std::unique_ptr<Waiter> waiter) = 0;
};

/// Returns when `work` has been done, or has failed.
net::Task<void> done(WorkQueue& queue, std::shared_ptr<Work> work);

/// A job is a callable Transaction& → Result<T>. It may have a method committed(), called on the
/// writer's thread after its commit and before the caller goes on.
template <class Job>
class WorkOf final : public Work {
 public:
  using Outcome = std::invoke_result_t<Job&, Transaction&>;

  WorkOf(Job job, std::size_t bytes) : Work(bytes), job_(std::move(job)) {}
  void run(Transaction& transaction) override { outcome_.emplace(job_(transaction)); }
  bool failed() const override { return !outcome_ || outcome_->has_error(); }
  void fail(Error error) override { outcome_.emplace(std::move(error)); }
  const Error& error() const override { return outcome_->error(); }
  void committed() override {
    if constexpr (requires(Job& job) { job.committed(); }) job_.committed();
  }
  Outcome take() { return std::move(*outcome_); }

 private:
  Job job_;
  std::optional<Outcome> outcome_;
};

/// Gives the job's result. `bytes` is about what it will write.
/// Errors: the job's own, and disk_full, busy, io, corrupt of the database.
template <class Job>
net::Task<typename WorkOf<Job>::Outcome> submit(WorkQueue& queue, Job job, std::size_t bytes = 0) {
  auto work = std::make_shared<WorkOf<Job>>(std::move(job), bytes);
  co_await done(queue, work);
  co_return work->take();
}

}  // namespace postern::storage
