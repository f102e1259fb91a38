// A disk that fails: an fsync that reports an error ends the process and loses nothing
// acknowledged; a full disk refuses, keeps what is there and goes on. Promises 17 and 18.
#include "storage/file.hpp"
#include "storage/open_engine.hpp"
#include "unit/storage/crash_kit.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace {

// Counts down to the fsync that fails; 0: none will.
std::atomic<int> failing_sync = 0;
std::atomic<bool> for_good = false;
std::atomic<bool> disk_is_full = false;

int sync(long call, int file) {
  const int left = failing_sync;
  if (left > 1) --failing_sync;
  if (left == 1) {
    if (!for_good) failing_sync = 0;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(call, file));
}

ssize_t write_unless_full(int file, const void* bytes, size_t count, off_t offset) {
  if (disk_is_full) {
    errno = ENOSPC;
    return -1;
  }
  return ::pwrite(file, bytes, count, offset);
}

}  // namespace

// In the place of the C library's, for SQLite too.
extern "C" int fsync(int file) {
  return sync(SYS_fsync, file);
}
extern "C" int fdatasync(int file) {
  return sync(SYS_fdatasync, file);
}

namespace postern::storage {
namespace {

constexpr std::size_t acknowledged_enough = 80;

/// Child's exit status when the `number`-th fsync fails.
int run_with_failing_sync(const StoreOptions& options, int number, bool again,
                          KeptPromises& acknowledged) {
  Child child([&](int pipe) {
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);  // the line it ends with is for people
    failing_sync = number;
    for_good = again;
    store_until_ended(options, 0, pipe);
  });
  // A mail whose own file failed is refused, and the rest goes on: long enough.
  child.wait_for(acknowledged_enough, acknowledged);
  child.kill();
  return child.wait(acknowledged);
}

TEST(FailedFsync, Wherever_it_is_loses_nothing_acknowledged) {
  int aborted = 0;
  for (const bool again : {false, true}) {
    // The first are the start's own, one and more for each migration.
    for (int number = 1; number <= 76; number += number < 12 ? 1 : 4) {
      SCOPED_TRACE("fsync " + std::to_string(number) + (again ? " and all after it" : ""));
      const TemporaryDirectory directory;
      StoreOptions options;
      options.data_dir = directory.path() + "/data";
      options.exclusive = true;
      KeptPromises acknowledged;

      const int status = run_with_failing_sync(options, number, again, acknowledged);

      // A start that was refused, a mail that was, or the end of the process.
      if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) ++aborted;
      check_nothing_lost(options, acknowledged);
    }
  }
  EXPECT_GT(aborted, 10);
}

TEST(FailedFsync, Ends_the_process_with_a_line_that_says_why) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TemporaryDirectory directory;
  StoreOptions options;
  options.data_dir = directory.path() + "/data";

  EXPECT_EXIT(
      {
        auto store = open_store(options).value();
        failing_sync = 1;
        run(store->probe()).has_error();
      },
      testing::KilledBySignal(SIGABRT), "an fsync failed");
}

class FullDisk : public StoreTest {
 protected:
  void SetUp() override {
    auto* vfs = sqlite3_vfs_find(nullptr);
    for (const char* name : {"pwrite", "pwrite64"}) {
      vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(write_unless_full));
    }
    StoreTest::SetUp();
  }
  void TearDown() override {
    disk_is_full = false;
    store_.reset();
    auto* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, nullptr, nullptr);
  }
  IncomingBatch five_mails(IntegrationId integration, std::uint32_t first) {
    auto incoming = batch(integration, first + 5);
    for (auto uid = first; uid < first + 5; ++uid) {
      incoming.mails.push_back(mail(uid, std::string(50'000, 'x')));
    }
    return incoming;
  }
};

TEST_F(FullDisk, Refuses_keeps_what_is_there_and_goes_on) {
  const auto integration = make_integration();
  auto& messages = store_->messages();
  const auto before = good(messages.store(five_mails(integration, 1)));

  disk_is_full = true;
  EXPECT_EQ(failure(messages.store(five_mails(integration, 6))), errc::disk_full);
  EXPECT_EQ(failure(store_->deliveries().create(new_delivery(integration, "x"))), errc::disk_full);
  EXPECT_EQ(failure(store_->probe()), errc::disk_full);
  EXPECT_EQ(good(messages.count()), 5u);
  EXPECT_EQ(good(messages.cursor(integration, "INBOX"))->next_uid, 6u);
  EXPECT_EQ(good(messages.raw(before[0].id)).size(), 50'000u);

  disk_is_full = false;
  good(store_->probe());
  const auto after = good(messages.store(five_mails(integration, 6)));
  EXPECT_FALSE(after[0].duplicate);
  reopen();

  EXPECT_EQ(good(store_->messages().count()), 10u);
  EXPECT_EQ(good(store_->messages().raw(after[4].id)).size(), 50'000u);
  EXPECT_TRUE(good(store_->deliveries().list({}, {})).items.empty());
}

TEST_F(FullDisk, Between_the_log_and_the_database_loses_nothing) {
  const auto integration = make_integration();
  for (std::uint32_t first = 1; first < 200; first += 5) {
    good(store_->messages().store(five_mails(integration, first)));
  }
  disk_is_full = true;
  store_->close();  // its last checkpoint cannot be done
  store_.reset();
  disk_is_full = false;
  open();

  EXPECT_EQ(good(store_->messages().count()), 200u);
}

// SQLite's own limit, which unlike a full disk spares the log.
TEST(FullDatabase, Fails_the_job_that_does_not_fit_alone) {
  const TemporaryDirectory directory;
  StoreOptions options;
  options.data_dir = directory.path() + "/data";
  auto opened = open_engine(options, migrations()).value();
  auto& engine = *opened.engine;
  const auto write = [&](std::string sql) {
    return run(engine.write([sql = std::move(sql)](Transaction& transaction) -> Result<int> {
      transaction.database.execute(sql);
      return 0;
    }));
  };
  ASSERT_TRUE(write("CREATE TABLE note (text BLOB)").has_value());
  ASSERT_TRUE(write("PRAGMA max_page_count = 60").has_value());

  const auto refused = write("INSERT INTO note VALUES (zeroblob(4000000))");

  EXPECT_EQ(refused.error().code, errc::disk_full);
  EXPECT_TRUE(write("INSERT INTO note VALUES (zeroblob(4000))").has_value());
  ASSERT_TRUE(write("PRAGMA max_page_count = 100000").has_value());
  EXPECT_TRUE(write("INSERT INTO note VALUES (zeroblob(4000000))").has_value());
}

TEST(FullDevice, Is_told_apart_from_other_failures) {
  const auto full = open_file("/dev/full", O_WRONLY).value();

  EXPECT_EQ(write_whole(full, "x", "/dev/full").error().code, errc::disk_full);
  EXPECT_EQ(open_file("/none/such", O_RDONLY).error().code, errc::io);
  EXPECT_EQ(read_whole("/dev/null", 0).value(), "");
}

}  // namespace
}  // namespace postern::storage
