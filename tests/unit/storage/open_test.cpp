// Opening a data directory: what is made, locked, refused; ids; inline mode.
#include "storage/id_source.hpp"
#include "storage/migration.hpp"
#include "storage/open_engine.hpp"
#include "unit/storage/kit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace postern::storage {
namespace {

class OpenTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.data_dir = directory_.path() + "/a/data";
    options_.lock_patience = std::chrono::milliseconds(0);
  }
  Result<std::unique_ptr<Store>> open() { return open_store(options_); }
  std::string path(const std::string& name) const { return options_.data_dir + "/" + name; }
  static unsigned mode(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 0777;
  }
  IntegrationId store_password() {
    auto draft = integration_draft("Support");
    draft.incoming_password = Secret("hunter2");
    const auto store = open().value();
    return good(store->integrations().create(draft, "admin", at(1))).value.id;
  }

  TemporaryDirectory directory_;
  StoreOptions options_;
};

TEST_F(OpenTest, Makes_folders_database_and_key_for_their_owner_alone) {
  const auto store = open().value();
  good(store->probe());

  EXPECT_EQ(mode(options_.data_dir), 0700u);
  EXPECT_EQ(mode(path("postern.db")), 0600u);
  EXPECT_EQ(mode(path("postern.db-wal")), 0600u);
  EXPECT_EQ(mode(path("secret.key")), 0600u);
}

TEST_F(OpenTest, Keeps_no_password_readable_on_the_disk) {
  store_password();

  for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.data_dir)) {
    std::ifstream file(entry.path());
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(bytes.find("hunter2"), std::string::npos) << entry.path();
  }
}

TEST_F(OpenTest, Refuses_a_second_server_but_not_the_command_lines_tools) {
  options_.exclusive = true;
  auto first = open();
  ASSERT_TRUE(first.has_value());

  const auto second = open();
  options_.exclusive = false;
  const auto tool = open();

  EXPECT_EQ(second.error().code, errc::busy);
  EXPECT_NE(second.error().detail.find("postern.lock"), std::string::npos);
  ASSERT_TRUE(tool.has_value());
  UserRow user;
  user.name = "admin";
  user.password_hash = "hash";
  good(tool.value()->accounts().set_user(user, at(1)));
  EXPECT_EQ(good(first.value()->accounts().find_user("admin"))->password_hash, "hash");
  first.value()->close();
  options_.exclusive = true;
  EXPECT_TRUE(open().has_value());
}

/// Whether another process finds a lock on the file.
bool is_locked(const std::string& path) {
  const auto child = ::fork();
  if (child == 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const bool asked = file >= 0 && ::fcntl(file, F_GETLK, &lock) == 0;
    ::_exit(asked && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(OpenTest, Keeps_its_locks_so_that_no_other_process_takes_itself_for_the_last_one) {
  for (int i = 0; i < 2; ++i) {  // the database is made, then found
    const auto store = open().value();
    good(store->probe());

    EXPECT_TRUE(is_locked(path("postern.db")));
  }
}

TEST_F(OpenTest, Waits_for_a_server_that_is_ending) {
  options_.exclusive = true;
  auto first = open().value();
  options_.lock_patience = std::chrono::milliseconds(10'000);
  std::thread ending([&] { first->close(); });

  EXPECT_TRUE(open().has_value());
  ending.join();
}

TEST_F(OpenTest, Refuses_a_key_file_that_others_may_read) {
  store_password();
  ::chmod(path("secret.key").c_str(), 0640);

  const auto refused = open();

  EXPECT_EQ(refused.error().code, errc::key_file_mode);
  EXPECT_NE(refused.error().detail.find("secret.key"), std::string::npos);
}

TEST_F(OpenTest, Refuses_to_make_a_new_key_while_secrets_are_stored) {
  store_password();
  std::filesystem::remove(path("secret.key"));

  EXPECT_EQ(open().error().code, errc::key_missing);
  EXPECT_FALSE(std::filesystem::exists(path("secret.key")));
}

TEST_F(OpenTest, Names_the_key_file_that_is_not_the_right_one) {
  const auto id = store_password();
  options_.key_file = directory_.path() + "/other.key";
  EXPECT_EQ(open().error().code, errc::key_missing);
  make_key_file(options_.key_file).value();

  const auto refused = open();

  EXPECT_EQ(refused.error().code, errc::corrupt);
  EXPECT_NE(refused.error().detail.find("other.key"), std::string::npos);
  options_.key_file.clear();
  EXPECT_EQ(good(open().value()->integrations().secrets(id)).incoming_password.reveal(), "hunter2");
}

TEST_F(OpenTest, Makes_a_new_key_when_nothing_was_sealed_yet) {
  open().value();
  std::filesystem::remove(path("secret.key"));

  EXPECT_TRUE(open().has_value());
}

TEST_F(OpenTest, Refuses_what_is_no_database) {
  std::filesystem::create_directories(options_.data_dir);
  std::ofstream(path("postern.db")) << std::string(20'000, 'x');

  const auto refused = open();

  EXPECT_EQ(refused.error().code, errc::corrupt);
  EXPECT_NE(refused.error().detail.find("postern.db"), std::string::npos);
}

TEST_F(OpenTest, Refuses_a_folder_it_cannot_make) {
  options_.data_dir = "/proc/postern/data";

  const auto refused = open();

  EXPECT_EQ(refused.error().code, errc::io);
  EXPECT_NE(refused.error().detail.find("/proc"), std::string::npos);
}

TEST_F(OpenTest, Goes_on_with_larger_ids_after_a_new_start_with_the_clock_set_back) {
  options_.now = [] { return at(2'000'000'000); };
  const auto make = [](Store& store, const char* name) {
    return good(store.integrations().create(integration_draft(name), "a", at(1))).value.id;
  };
  const auto first = make(*open().value(), "one");
  options_.now = [] { return at(1'000'000'000); };

  const auto second = make(*open().value(), "two");

  EXPECT_EQ(second.value, first.value + 1);
}

TEST(IdSource, Makes_ids_of_time_and_chance_that_only_grow) {
  auto now = at(1'700'000'000);
  IdSource ids({[&] { return now; }, [] { return std::uint64_t{0xfffff123456}; }}, 0);

  const auto first = ids.next();

  EXPECT_EQ(first >> 20, 1'700'000'000'000);
  EXPECT_EQ(first & 0xfffff, 0x23456);
  EXPECT_EQ(ids.next(), first + 1);
  now += std::chrono::seconds(1);
  EXPECT_EQ(ids.next() >> 20, 1'700'000'001'000);
  now = at(-5);
  EXPECT_GT(ids.next(), first);
}

TEST(IdSource, Stays_within_63_bits_whatever_the_clock_says) {
  IdSource ids({[] { return Instant::max(); }, [] { return ~std::uint64_t{0}; }}, 0);

  const auto first = ids.next();

  EXPECT_GT(first, 0);
  EXPECT_GT(ids.next(), first);
}

TEST_F(OpenTest, Inline_mode_does_everything_at_once_and_the_same_each_time) {
  const auto story = [this](const std::string& name) {
    StoreOptions options;
    options.data_dir = directory_.path() + "/" + name;
    options.inline_mode = true;
    std::uint64_t seed = 1;
    options.random = [seed]() mutable { return seed = seed * 6364136223846793005u + 1; };
    options.now = [] { return at(1'700'000'000); };
    const auto store = open_store(options).value();
    const auto here = std::this_thread::get_id();
    std::thread::id there;
    options.on_commit = [&](std::chrono::microseconds) { there = std::this_thread::get_id(); };
    const auto id =
        good(store->integrations().create(integration_draft("Support"), "a", at(1))).value.id;
    const auto target = good(store->targets().create(target_draft("desk"), "a", at(1))).value.id;
    auto incoming = batch(id, 2);
    incoming.mails.push_back(mail(1, "bytes"));
    auto file = store->messages().open_spool_file().value();
    const std::string large(2 * blob_bytes_max, 'x');
    EXPECT_TRUE(file->append(large).has_value());
    good(file->finish());
    incoming.mails.push_back(mail(2, ""));
    incoming.mails[1].size_bytes = large.size();
    const auto name_of_file = file->name();
    incoming.mails[1].bytes = std::move(file);
    const auto stored = good(store->messages().store(std::move(incoming)));
    EXPECT_EQ(good(store->messages().raw(stored[0].id)), "bytes");
    EXPECT_EQ(good(store->messages().raw(stored[1].id)), large);
    EXPECT_TRUE(there == std::thread::id() || there == here);
    EXPECT_EQ(good(store->messages().list({}, {})).items.size(), 2u);
    return id.str() + target.str() + stored[1].id.str() + name_of_file +
           std::string(good(store->targets().secrets(target)).current.reveal());
  };

  EXPECT_EQ(story("one"), story("two"));
}

TEST_F(OpenTest, Inline_mode_can_be_left_at_any_time_and_opened_again) {
  options_.inline_mode = true;
  const auto id = store_password();

  const auto store = open().value();

  EXPECT_EQ(good(store->integrations().secrets(id)).incoming_password.reveal(), "hunter2");
  store->close();
  EXPECT_EQ(failure(store->probe()), errc::io);
}

}  // namespace
}  // namespace postern::storage
