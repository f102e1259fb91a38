// Backup, restore and verify over real data directories.
#include "storage/backup.hpp"
#include "storage/archive.hpp"
#include "storage/database.hpp"
#include "storage/secret_box.hpp"
#include "unit/storage/kit.hpp"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

namespace postern::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t large_bytes = blob_bytes_max + 1000;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class BackupTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
    target_ = make_target("desk");
    file_ = directory_.path() + "/backup.tar";
    other_ = directory_.path() + "/other";
    key_ = directory_.path() + "/key";
    fs::copy_file(options_.data_dir + "/secret.key", key_);
  }

  MessageId store_large(std::uint32_t uid) {
    const std::string bytes(large_bytes, static_cast<char>('a' + uid % 26));
    auto file = store_->messages().open_spool_file().value();
    EXPECT_TRUE(file->append(bytes));
    good(file->finish());
    auto incoming = batch(integration_, uid + 1);
    auto large = mail(uid, "x");
    large.bytes = std::move(file);
    large.size_bytes = bytes.size();
    large.sha256 = net::sha256(bytes);
    incoming.mails.push_back(std::move(large));
    const auto id = good(store_->messages().store(std::move(incoming))).front().id;
    good(store_->messages().record_digest(id, {}, {target_}, {}, at(6000)));
    return id;
  }
  MessageId store_small(std::uint32_t uid) {
    const std::string bytes = "Subject: small\r\n\r\n" + std::to_string(uid);
    auto incoming = batch(integration_, uid + 1);
    auto small = mail(uid, bytes);
    small.sha256 = net::sha256(bytes);
    incoming.mails.push_back(std::move(small));
    return good(store_->messages().store(std::move(incoming))).front().id;
  }
  void take_backup() {
    const auto made = write_backup(options_.data_dir, file_, "test", quiet_);
    ASSERT_TRUE(made) << describe(made.error());
  }
  Result<void> restore(const std::string& key) {
    return restore_backup(file_, other_, key, quiet_);
  }
  std::vector<std::string> findings() {
    auto report = verify_data(options_.data_dir, key_, quiet_);
    EXPECT_TRUE(report) << describe(report.error());
    return report ? report.value().findings : std::vector<std::string>{"failed"};
  }
  fs::path spool_file() {
    for (const auto& each : fs::recursive_directory_iterator(options_.data_dir + "/spool")) {
      if (each.is_regular_file()) return each.path();
    }
    return {};
  }
  static void flip_byte(const fs::path& path, std::size_t place) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(place));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(place));
    file.put(static_cast<char>(byte ^ 1));
  }

  static std::set<std::string> entries_of(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& each : fs::directory_iterator(folder)) names.insert(each.path().filename());
    return names;
  }

  IntegrationId integration_;
  TargetId target_;
  std::string file_, other_, key_;
  const Progress quiet_ = [](std::string_view, std::uint64_t, std::uint64_t) {};
};

TEST_F(BackupTest, One_that_is_stopped_leaves_nothing_behind) {
  store_large(1);
  const auto before = entries_of(fs::path(file_).parent_path());
  for (const std::string_view at : {"", "copying the database", "adding the database"}) {
    std::stop_source stop;
    if (at.empty()) stop.request_stop();
    const Progress stopping = [&](std::string_view what, std::uint64_t, std::uint64_t) {
      if (what == at) stop.request_stop();
    };

    const auto made = write_backup(options_.data_dir, file_, "test", stopping, stop.get_token());

    ASSERT_FALSE(made) << at;
    EXPECT_EQ(errc::stopped, made.error().code) << describe(made.error());
    EXPECT_EQ(before, entries_of(fs::path(file_).parent_path())) << at;
  }
}

TEST_F(BackupTest, A_restored_directory_holds_what_was_there) {
  const auto small = store_small(1), large = store_large(2);
  const auto secret = good(store_->targets().secrets(target_)).current;
  take_backup();
  EXPECT_EQ(bytes_of(file_).find(bytes_of(key_)), std::string::npos);
  EXPECT_FALSE(fs::exists(file_ + ".partial"));
  EXPECT_FALSE(fs::exists(file_ + ".database.partial"));

  const auto restored = restore(key_);

  ASSERT_TRUE(restored) << describe(restored.error());
  EXPECT_FALSE(fs::exists(other_ + "/restore.partial"));
  StoreOptions options;
  options.data_dir = other_;
  options.key_file = key_;
  options.exclusive = true;
  auto opened = open_store(options);
  ASSERT_TRUE(opened) << describe(opened.error());
  auto& copy = *opened.value();
  for (const auto id : {small, large}) {
    EXPECT_EQ(good(copy.messages().raw(id)), good(store_->messages().raw(id)));
  }
  EXPECT_EQ(good(copy.targets().secrets(target_)).current.reveal(), secret.reveal());
  EXPECT_EQ(good(copy.handovers().waiting(target_)), 1u);
  copy.close();
}

TEST_F(BackupTest, Is_one_moment_while_others_write_and_remove) {
  for (std::uint32_t uid = 1; uid <= 5; ++uid) store_large(uid);
  std::atomic<bool> over = false;
  std::thread writer([&] {
    for (std::uint32_t uid = 10; !over; ++uid) {
      const auto id = uid % 3 == 0 ? store_large(uid) : store_small(uid);
      if (uid % 3 != 0) continue;
      HandoverAttempt tried;
      tried.state = HandoverState::acknowledged;
      const auto handover = good(store_->messages().get(id)).handovers.at(0).id;
      good(store_->handovers().record_attempt(handover, tried, {}));
      good(store_->retention().remove_messages({id}));
    }
  });

  for (int round = 0; round < 5; ++round) {
    const auto made = write_backup(options_.data_dir, file_, "test", quiet_);
    EXPECT_TRUE(made) << describe(made.error());
    const auto restored = restore(key_);
    EXPECT_TRUE(restored) << describe(restored.error());
    const auto report = verify_data(other_, key_, quiet_);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report.value().findings.empty()) << report.value().findings.front();
    EXPECT_GE(report.value().messages, 5u);
    fs::remove_all(other_);
  }
  over = true;
  writer.join();
}

TEST_F(BackupTest, A_damaged_archive_is_refused_and_nothing_is_made) {
  store_small(1);
  store_large(2);
  take_backup();
  const auto whole = bytes_of(file_);
  for (const auto place :
       {std::size_t{600}, whole.size() / 4, whole.size() / 2, whole.size() - 3000}) {
    std::ofstream(file_, std::ios::binary) << whole;
    flip_byte(file_, place);
    EXPECT_FALSE(restore(key_)) << place;
    EXPECT_FALSE(fs::exists(other_)) << place;
  }
  for (const auto size :
       {std::size_t{0}, std::size_t{100}, whole.size() / 2, whole.size() - 5000}) {
    std::ofstream(file_, std::ios::binary) << whole.substr(0, size);
    const auto restored = restore(key_);
    ASSERT_FALSE(restored) << size;
    EXPECT_EQ(restored.error().code, errc::corrupt) << size;
    EXPECT_FALSE(fs::exists(other_)) << size;
  }
}

TEST_F(BackupTest, A_wrong_or_missing_key_is_refused_and_nothing_is_left) {
  store_small(1);
  take_backup();
  const auto wrong = directory_.path() + "/wrong";
  ASSERT_TRUE(make_key_file(wrong));

  const auto refused = restore(wrong);
  const auto missing = restore(directory_.path() + "/none");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::corrupt);
  EXPECT_NE(refused.error().detail.find("does not open with the key"), std::string::npos);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, errc::key_missing);
  EXPECT_TRUE(!fs::exists(other_) || fs::is_empty(other_));
  EXPECT_TRUE(restore(key_));
}

TEST_F(BackupTest, Only_an_empty_directory_is_restored_into) {
  store_large(1);
  take_backup();
  fs::create_directories(other_ + "/lost+found");
  fs::create_directories(other_ + "/restore.partial/spool");  // of a restore that was killed
  fs::create_directories(other_ + "/spool");
  fs::copy_file(key_, other_ + "/secret.key");

  ASSERT_TRUE(restore(other_ + "/secret.key"));
  const auto again = restore(other_ + "/secret.key");

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::wrong_state);
  EXPECT_TRUE(fs::exists(other_ + "/postern.db"));
}

TEST_F(BackupTest, There_must_be_something_to_back_up) {
  const auto made = write_backup(other_, file_, "test", quiet_);

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::not_found);
  EXPECT_FALSE(fs::exists(other_));
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(BackupTest, Verify_finds_a_flipped_byte_in_a_file_and_in_the_database) {
  const auto small = store_small(1), large = store_large(2);
  EXPECT_TRUE(findings().empty());

  flip_byte(spool_file(), 500);
  const auto first = findings();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_NE(first[0].find(large.str()), std::string::npos) << first[0];

  store_.reset();
  {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    database.run("UPDATE message_body SET bytes = CAST('Subject: smell' AS BLOB)");
  }
  const auto second = findings();
  ASSERT_EQ(second.size(), 2u);
  EXPECT_NE(second[0].find(small.str()), std::string::npos) << second[0];
}

TEST_F(BackupTest, Verify_finds_files_too_many_and_too_few) {
  const auto large = store_large(1);
  const auto file = spool_file();
  const auto orphan = file.parent_path() / std::string(32, '0');
  fs::copy_file(file, orphan);

  EXPECT_TRUE(findings().empty());  // somebody serves, and the file is young
  store_.reset();
  const auto too_many = findings();
  fs::remove(orphan);
  fs::remove(file);
  const auto too_few = findings();

  ASSERT_EQ(too_many.size(), 1u);
  EXPECT_NE(too_many[0].find(orphan.string()), std::string::npos);
  ASSERT_EQ(too_few.size(), 1u);
  EXPECT_NE(too_few[0].find(large.str()), std::string::npos);
}

TEST_F(BackupTest, Verify_finds_a_broken_database_and_a_wrong_key) {
  store_small(1);
  ASSERT_TRUE(make_key_file(directory_.path() + "/wrong"));
  const auto wrong = verify_data(options_.data_dir, directory_.path() + "/wrong", quiet_);
  ASSERT_TRUE(wrong);
  ASSERT_FALSE(wrong.value().findings.empty());
  EXPECT_NE(wrong.value().findings[0].find("does not open"), std::string::npos);

  store_->close();
  store_.reset();
  const auto path = options_.data_dir + "/postern.db";
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_FALSE(findings().empty());
}

}  // namespace
}  // namespace postern::storage
