// Migrations: forward only, each whole or not at all, with a copy before.
#include "storage/migration.hpp"

#include "storage/open_engine.hpp"
#include "unit/storage/kit.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace postern::storage {
namespace {

class MigrationTest : public StoreTest {
 protected:
  std::string database_path() const { return options_.data_dir + "/postern.db"; }
  std::vector<Migration> with(const char* second, const char* third = nullptr) const {
    std::vector<Migration> steps(migrations().begin(), migrations().end());
    steps.push_back({newest() + 1, second});
    if (third != nullptr) steps.push_back({newest() + 2, third});
    return steps;
  }
  static int newest() { return migrations().back().version; }
  int version_of(const std::string& path) {
    auto database = Database::open(path, {}).value();
    return schema_version(database).value();
  }
};

constexpr const char* add_colour = "ALTER TABLE target ADD COLUMN colour TEXT;";

TEST_F(MigrationTest, Go_forward_and_keep_what_is_there_and_a_copy_of_before) {
  make_integration("Support");
  store_.reset();
  const auto copy = database_path() + ".before-" + std::to_string(newest() + 1);

  const auto opened = open_engine(options_, with(add_colour, "CREATE TABLE extra (id INTEGER);"));

  ASSERT_TRUE(opened.has_value()) << describe(opened.error());
  EXPECT_EQ(version_of(database_path()), newest() + 2);
  EXPECT_EQ(version_of(copy), newest());
  struct stat facts {};
  ASSERT_EQ(::stat(copy.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  auto database = Database::open(copy, {}).value();
  EXPECT_TRUE(database.query("SELECT 1 FROM integration WHERE name = 'Support'").step());
  auto migrated = Database::open(database_path(), {}).value();
  EXPECT_TRUE(
      migrated.query("SELECT colour FROM target UNION SELECT name FROM integration").step());
}

TEST_F(MigrationTest, A_failed_one_leaves_the_version_before_it_whole) {
  make_integration("Support");
  store_.reset();

  const auto refused =
      open_engine(options_, with(add_colour, "CREATE TABLE half (id INTEGER); SELECT nonsense;"));

  EXPECT_TRUE(refused.has_error());
  EXPECT_EQ(version_of(database_path()), newest() + 1);
  {
    auto database = Database::open(database_path(), {}).value();
    EXPECT_FALSE(database.query("SELECT 1 FROM sqlite_schema WHERE name = 'half'").step());
  }
  ASSERT_TRUE(open_engine(options_, with(add_colour, "SELECT 1;")).has_value());
  EXPECT_EQ(version_of(database_path()), newest() + 2);
}

TEST_F(MigrationTest, A_new_database_needs_no_copy) {
  for (const auto& entry : std::filesystem::directory_iterator(options_.data_dir)) {
    EXPECT_EQ(entry.path().filename().string().find("before"), std::string::npos);
  }
}

TEST_F(MigrationTest, Refuses_a_database_of_a_later_version) {
  store_.reset();
  ASSERT_TRUE(open_engine(options_, with(add_colour)).has_value());

  const auto refused = open_store(options_);

  EXPECT_EQ(refused.error().code, errc::schema_too_new);
  EXPECT_NE(refused.error().detail.find(std::to_string(newest() + 1)), std::string::npos);
}

TEST_F(MigrationTest, Are_not_done_beneath_a_running_server) {
  auto tool = options_;
  tool.exclusive = false;

  const auto refused = open_engine(tool, with(add_colour));

  EXPECT_EQ(refused.error().code, errc::busy);
  EXPECT_EQ(version_of(database_path()), newest());
  store_.reset();
  EXPECT_TRUE(open_engine(tool, with(add_colour)).has_value());
}

// Of three mails one was moved, and a copy of another has its former place.
constexpr const char* places_of_before = R"sql(
INSERT INTO integration VALUES (1, 'Support', 0, '{"incoming": {"after_fetch": {"action":
  "delete"}}}', '{}', 1, 1, 1, 'admin', NULL);
INSERT INTO message (id, integration, folder, uid_validity, uid, received_at, stored_at, size_bytes,
  sha256, message_id, state) VALUES (11, 1, 'INBOX', 7, 1, 5, 5, 1, 'a', '<a@x>', 'stored'),
  (12, 1, 'INBOX', 7, 2, 5, 5, 1, 'b', '<b@x>', 'stored'),
  (13, 1, 'INBOX', 7, 3, 5, 5, 1, 'c', '<c@x>', 'stored');
INSERT INTO mailbox VALUES (1, 'INBOX', 8, 9, 0);
INSERT INTO mail_place VALUES (11, 8, 4), (12, 8, 5);
INSERT INTO message_place (integration, folder, uid_validity, uid, message, at) VALUES
  (1, 'INBOX', 8, 4, 11, 5), (1, 'INBOX', 8, 5, 13, 5), (1, 'INBOX', 8, 6, 11, 5);
)sql";

TEST_F(MigrationTest, The_two_tables_of_places_become_one) {
  store_.reset();
  options_.data_dir += "-of-before";
  const auto places = std::ranges::find(migrations(), 24, &Migration::version);
  ASSERT_TRUE(open_engine(options_, std::span(migrations().begin(), places)).has_value());
  Database::open(database_path(), {}).value().execute(places_of_before);

  ASSERT_TRUE(open_engine(options_, migrations()).has_value());

  auto database = Database::open(database_path(), {}).value();
  std::string at;
  auto query = database.query("SELECT message || ' ' || uid_validity || ' ' || uid FROM mail_at");
  while (query.step()) {
    std::string row;
    query.read(row);
    at += row + "\n";
  }
  EXPECT_EQ(at, "11 8 4\n12 7 2\n13 7 3\n") << "at 5 is the copy of another by now";
  database.execute("UPDATE message SET state = 'handed_over'");
  auto copies = database.query("SELECT group_concat(uid) FROM copy_action");
  ASSERT_TRUE(copies.step());
  std::string uids;
  copies.read(uids);
  EXPECT_EQ(uids, "6,5");
}

TEST_F(MigrationTest, Are_numbered_from_one_without_a_gap) {
  int version = 0;
  for (const auto& step : migrations()) EXPECT_EQ(step.version, ++version);
}

}  // namespace
}  // namespace postern::storage
