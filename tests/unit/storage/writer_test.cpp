// The writer: group commit, savepoints, failures of one, of a group, limits, cancellation; and the
// readers beside it.
#include "net/scope.hpp"
#include "storage/open_engine.hpp"
#include "unit/storage/kit.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace postern::storage {
namespace {

constexpr const char* notes_schema =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE child (note INTEGER NOT NULL REFERENCES note(id));";

// Four parts of 16 MiB, and what comes while the checkpointer is at the last one.
constexpr std::uintmax_t log_bytes_enough = 128 * 1024 * 1024;

using Job = std::function<Result<int>(Transaction&)>;

class WriterTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.data_dir = directory_.path() + "/data";
    options_.exclusive = true;
    options_.on_commit = [this](std::chrono::microseconds) { ++commits_; };
    auto opened = open_engine(options_, migrations());
    ASSERT_TRUE(opened.has_value()) << describe(opened.error());
    opened_ = std::move(opened).value();
    good(opened_.engine->write(Job([](Transaction& transaction) -> Result<int> {
      transaction.database.execute(notes_schema);
      return 0;
    })));
    commits_ = 0;
  }
  // Before the promise below goes.
  void TearDown() override { opened_.engine.reset(); }

  Job note(int id, std::string text = "text") {
    return [id, text = std::move(text)](Transaction& transaction) -> Result<int> {
      transaction.run("INSERT INTO note (id, text) VALUES (?1, ?2)", id, text);
      return id;
    };
  }
  /// Holds the writer's thread until release() is called; in a group alone when nothing is written
  /// before wait_for_blocker() has come back.
  Job blocker() {
    return [this, released = gate_.get_future().share()](Transaction&) -> Result<int> {
      running_.set_value();
      released.wait();
      return 0;
    };
  }
  void wait_for_blocker() { running_.get_future().wait(); }
  void release() { gate_.set_value(); }

  net::Task<void> write(Job job, std::optional<Result<int>>& out) {
    out.emplace(co_await opened_.engine->write(std::move(job)));
  }
  net::Task<void> call(std::function<void()> act) {
    act();
    co_return;
  }
  static int count(Transaction& transaction) {
    int notes = 0;
    auto query = transaction.query("SELECT count(*) FROM note");
    query.step();
    query.read(notes);
    return notes;
  }
  int count_notes() {
    return good(opened_.engine->read(
        Job([](Transaction& transaction) -> Result<int> { return count(transaction); })));
  }
  /// The jobs wait behind a blocker, so that they make one group, or as few as allowed: the
  /// blocker's and theirs.
  std::vector<std::optional<Result<int>>> run_together(std::vector<Job> jobs) {
    std::vector<std::optional<Result<int>>> results(jobs.size());
    std::optional<Result<int>> blocked;
    std::vector<net::Task<void>> tasks;
    tasks.push_back(write(blocker(), blocked));
    tasks.push_back(call([this] { wait_for_blocker(); }));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      tasks.push_back(write(std::move(jobs[i]), results[i]));
    }
    tasks.push_back(call([this] { release(); }));
    run_all_to_end(std::move(tasks));
    return results;
  }

  /// So many, of 250 kB each, one commit after another.
  void write_notes(int first, int count) {
    const std::string text(250'000, 'x');
    const auto one_by_one = [&]() -> net::Task<void> {
      for (int i = first; i < first + count; ++i) {
        const auto written = co_await opened_.engine->write(note(i, text));
        EXPECT_TRUE(written.has_value());
      }
    };
    run_to_end(one_by_one());
  }
  std::uintmax_t log_bytes() {
    return std::filesystem::file_size(std::filesystem::path(options_.data_dir) / "postern.db-wal");
  }

  std::promise<void> running_, gate_;
  TemporaryDirectory directory_;
  StoreOptions options_;
  std::atomic<int> commits_ = 0;
  OpenEngine opened_;
};

TEST_F(WriterTest, Commits_what_waits_as_one_group) {
  std::vector<Job> jobs;
  for (int i = 0; i < 200; ++i) jobs.push_back(note(i));

  const auto results = run_together(std::move(jobs));

  for (const auto& result : results) EXPECT_TRUE(result->has_value());
  EXPECT_EQ(count_notes(), 200);
  EXPECT_EQ(commits_, 2);
}

TEST_F(WriterTest, Makes_no_group_larger_than_its_limit) {
  std::vector<Job> jobs;
  for (int i = 0; i < 2 * static_cast<int>(group_jobs_max) + 1; ++i) jobs.push_back(note(i));

  run_together(std::move(jobs));

  EXPECT_EQ(commits_, 4);
}

TEST_F(WriterTest, Ends_a_group_whose_bytes_are_many) {
  std::vector<std::optional<Result<int>>> results(4);
  std::optional<Result<int>> blocked;
  std::vector<net::Task<void>> tasks;
  tasks.push_back(write(blocker(), blocked));
  tasks.push_back(call([this] { wait_for_blocker(); }));
  const auto big = [this](Job job, std::optional<Result<int>>& out) -> net::Task<void> {
    out.emplace(co_await opened_.engine->write(std::move(job), group_bytes_max));
  };
  for (int i = 0; i < 4; ++i) tasks.push_back(big(note(i), results[static_cast<std::size_t>(i)]));
  tasks.push_back(call([this] { release(); }));

  run_all_to_end(std::move(tasks));

  EXPECT_EQ(commits_, 5);
  EXPECT_EQ(count_notes(), 4);
}

TEST_F(WriterTest, A_failed_job_is_undone_alone) {
  std::vector<Job> jobs;
  jobs.push_back(note(1));
  jobs.push_back([](Transaction& transaction) -> Result<int> {
    transaction.run("INSERT INTO note (id, text) VALUES (2, 'undone')");
    return Error{errc::wrong_state, {}};
  });
  jobs.push_back(note(1));  // throws: the id is taken
  jobs.push_back([](Transaction&) -> Result<int> { throw std::runtime_error("not a row"); });
  jobs.push_back(note(3));

  const auto results = run_together(std::move(jobs));

  EXPECT_TRUE(results[0]->has_value());
  EXPECT_EQ(results[1]->error().code, errc::wrong_state);
  EXPECT_EQ(results[2]->error().code, errc::corrupt);
  EXPECT_EQ(results[3]->error().code, errc::corrupt);
  EXPECT_EQ(results[3]->error().detail, "not a row");
  EXPECT_TRUE(results[4]->has_value());
  EXPECT_EQ(count_notes(), 2);
}

TEST_F(WriterTest, A_failed_commit_fails_its_whole_group) {
  const auto orphan = [](Transaction& transaction) -> Result<int> {
    transaction.database.execute("PRAGMA defer_foreign_keys = ON");
    transaction.run("INSERT INTO child (note) VALUES (99)");
    return 0;
  };
  std::vector<Job> jobs;
  jobs.push_back(note(1));
  jobs.push_back(orphan);
  jobs.push_back(note(2));

  const auto results = run_together(std::move(jobs));

  for (const auto& result : results) EXPECT_TRUE(result->has_error());
  std::optional<Result<int>> after;
  run_to_end(write(note(7), after));
  EXPECT_TRUE(after->has_value());
  EXPECT_EQ(count_notes(), 1);
}

TEST_F(WriterTest, Refuses_more_than_its_queue_holds) {
  const auto too_many = writer_queue_max + group_jobs_max + 2;
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < too_many; ++i) {
    jobs.push_back([](Transaction&) -> Result<int> { return 0; });
  }

  const auto results = run_together(std::move(jobs));

  EXPECT_TRUE(results.front()->has_value());
  EXPECT_EQ(results.back()->error().code, errc::busy);
}

TEST_F(WriterTest, Refuses_work_after_its_close) {
  opened_.engine->readers.close();
  opened_.engine->writer.close();
  std::optional<Result<int>> result;

  run_to_end(write(note(1), result));

  EXPECT_EQ(result->error().code, errc::io);
  EXPECT_EQ(run(opened_.engine->read(note(1))).error().code, errc::io);
}

TEST_F(WriterTest, Comes_back_on_the_callers_thread) {
  const auto here = std::this_thread::get_id();
  std::thread::id during, after;
  const auto task = [&]() -> net::Task<void> {
    auto job = [&during](Transaction&) -> Result<int> {
      during = std::this_thread::get_id();
      return 0;
    };
    (co_await opened_.engine->write(std::move(job))).value();
    after = std::this_thread::get_id();
  };

  run_to_end(task());

  EXPECT_NE(during, here);
  EXPECT_EQ(after, here);
}

// Coroutines that do not capture.
net::Task<void> write_then_wait(Engine& engine, Job job, std::optional<Result<int>>& out,
                                bool& went_on) {
  out.emplace(co_await engine.write(std::move(job)));
  co_await boost::asio::this_coro::executor;  // no wait
  auto nothing = [](Transaction&) -> Result<int> { return 0; };
  static_cast<void>(co_await engine.read(std::move(nothing)));
  went_on = true;
}

TEST_F(WriterTest, A_cancelled_caller_still_gets_its_result_and_stops_at_its_next_wait) {
  boost::asio::io_context context(1);
  net::Scope scope(context.get_executor());
  std::optional<Result<int>> blocked, written;
  bool went_on = false, blocker_went_on = false;
  scope.spawn(write_then_wait(*opened_.engine, blocker(), blocked, blocker_went_on));
  scope.spawn(write_then_wait(*opened_.engine, note(1), written, went_on));
  while (context.poll_one() != 0) {
  }
  ASSERT_FALSE(written);

  scope.stop();
  while (context.poll_one() != 0) {
  }
  EXPECT_FALSE(written);  // stopping did not end the wait
  release();
  context.run();

  ASSERT_TRUE(written);
  EXPECT_TRUE(written->has_value());
  EXPECT_FALSE(went_on);
  EXPECT_EQ(scope.running(), 0u);
  EXPECT_EQ(count_notes(), 1);
}

TEST_F(WriterTest, A_reader_sees_one_snapshot_while_the_writer_goes_on) {
  run_together({note(1)});
  std::promise<void> looked, written;
  std::optional<Result<int>> counts, stored;
  std::vector<net::Task<void>> tasks;
  const auto look = [&](Transaction& transaction) -> Result<int> {
    const int before = count(transaction);
    looked.set_value();
    written.get_future().wait();
    return 10 * before + count(transaction);
  };
  const auto reading = [&]() -> net::Task<void> {
    counts.emplace(co_await opened_.engine->read(Job(look)));
  };
  const auto writing = [&]() -> net::Task<void> {
    looked.get_future().wait();
    stored.emplace(co_await opened_.engine->write(note(2)));
    written.set_value();
  };
  tasks.push_back(reading());
  tasks.push_back(writing());

  run_all_to_end(std::move(tasks));

  EXPECT_EQ(counts->value(), 11);
  EXPECT_EQ(count_notes(), 2);
}

TEST_F(WriterTest, A_reader_cannot_write) {
  EXPECT_TRUE(run(opened_.engine->read(note(1))).has_error());
  EXPECT_EQ(count_notes(), 0);
}

// Each job of a group of its own, as mails that come one after another.
TEST_F(WriterTest, Moves_its_log_into_the_database_file_as_it_goes) {
  const auto database = std::filesystem::path(options_.data_dir) / "postern.db";
  write_notes(0, 300);

  // 75 MB were written, of which no close has moved any. The checkpointer may be at the last part.
  EXPECT_GT(std::filesystem::file_size(database), 40u * 1024 * 1024);
  EXPECT_LT(log_bytes(), log_bytes_enough);
  EXPECT_EQ(count_notes(), 300);
}

TEST_F(WriterTest, Begins_its_log_anew_under_a_load_that_never_rests) {
  write_notes(0, 1000);

  EXPECT_LT(log_bytes(), log_bytes_enough);  // 250 MB were written
  EXPECT_EQ(count_notes(), 1000);
}

// Nothing of the log may be overwritten that the reader still needs: it grows past what readers
// are waited for (256 MiB), but no commit waits as long as they like.
TEST_F(WriterTest, Goes_on_while_a_reader_keeps_its_snapshot_and_cuts_its_log_afterwards) {
  run_together({note(-1)});
  std::promise<void> looked, enough;
  std::optional<Result<int>> counted;
  const auto look = [&](Transaction& transaction) -> Result<int> {
    const int before = count(transaction);
    looked.set_value();
    enough.get_future().wait();
    return 10 * before + count(transaction);
  };
  std::thread reader([&] { counted.emplace(run(opened_.engine->read(Job(look)))); });
  looked.get_future().wait();
  write_notes(0, 1300);  // 325 MB
  const auto grown = log_bytes();
  enough.set_value();
  reader.join();
  // All that was held up has to be moved first, in which time the log grows on.
  int notes = 1300;
  for (; log_bytes() >= log_bytes_enough && notes < 5000; notes += 50) write_notes(notes, 50);

  EXPECT_EQ(counted->value(), 11);
  EXPECT_GT(grown, 300u * 1000 * 1000);
  EXPECT_LT(log_bytes(), log_bytes_enough);
  EXPECT_EQ(count_notes(), notes + 1);
}

}  // namespace
}  // namespace postern::storage
