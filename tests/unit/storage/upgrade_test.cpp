// Upgrade: a database of each schema there ever was, with rows in every table, is brought up to
// date; nothing in it is lost or changed, and all of it can be read. And the way back.
#include "storage/backup.hpp"
#include "storage/file.hpp"
#include "storage/open_engine.hpp"
#include "unit/storage/kit.hpp"
#include "unit/storage/upgrade_rows.hpp"

#include <fcntl.h>

#include <algorithm>
#include <set>

namespace postern::storage {
namespace {

// Tables with no rows of their own worth a test: an index, its mark, a probe for writing.
const std::set<std::string> without_rows = {"probe", "delivery_indexed"};
// Tables that a migration emptied into others; what became of their rows is tested beside it.
const std::set<std::string> moved = {"mail_place"};
constexpr IntegrationId integration{1882577342488807357};
constexpr TargetId target{1882577342626913705};

void put_file(const std::string& path, std::string_view bytes) {
  make_directories(parent_directory(path)).value();
  const auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0600).value();
  write_whole(file, std::string(bytes), path).value();
}

std::vector<std::string> words(Database& database, const std::string& sql) {
  auto query = database.query(sql);
  std::vector<std::string> found;
  while (query.step()) query.read(found.emplace_back());
  return found;
}

std::vector<std::string> tables_of(Database& database, const std::string& schema) {
  auto names = words(database, "SELECT name FROM " + schema +
                                   ".sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                                   "'sqlite_%' AND name NOT LIKE 'delivery_search%'");
  std::erase_if(names, [](const auto& name) { return without_rows.contains(name); });
  return names;
}

std::int64_t count(Database& database, const std::string& sql) {
  auto query = database.query(sql);
  std::int64_t rows = 0;
  if (query.step()) query.read(rows);
  return rows;
}

class UpgradeTest : public testing::TestWithParam<int> {
 protected:
  UpgradeTest() { options_.data_dir = directory_.path() + "/data"; }

  std::string database_path() const { return options_.data_dir + "/postern.db"; }
  std::string key_path() const { return options_.data_dir + "/secret.key"; }

  /// A data directory as a Postern of that schema left it, and a copy to compare with.
  void make_old(int schema) {
    put_file(key_path(), key_of_rows);
    put_file(options_.data_dir + "/spool/" + std::string(spool_file_of_rows.substr(0, 2)) + "/" +
                 std::string(spool_file_of_rows),
             spooled_mail_of_rows);
    Database::Settings fast;
    fast.durable = false;
    {
      auto database = Database::open(database_path(), fast).value();
      migrate(database, database_path(), steps_up_to(schema)).value();
      for (const auto& rows : rows_of_each_schema()) {
        if (rows.since <= schema && schema < rows.until) database.execute(rows.sql);
      }
      for (const auto& table : tables_of(database, "main")) {
        if (schema > schema_with_rows) break;
        EXPECT_GT(count(database, "SELECT count(*) FROM " + table), 0)
            << table << ": upgrade_rows.cpp has no row of it";
      }
      database.checkpoint(Database::Checkpoint::truncate);
    }
    std::filesystem::copy_file(database_path(), old_path());
  }
  static std::span<const Migration> steps_up_to(int schema) {
    return migrations().first(static_cast<std::size_t>(schema));
  }
  std::string old_path() const { return directory_.path() + "/old.db"; }

  /// Every row of the old one is in the new one, with what stood in its columns.
  void expect_nothing_lost() {
    auto database = Database::open(database_path(), {}).value();
    database.execute("ATTACH '" + old_path() + "' AS old");
    for (const auto& table : tables_of(database, "old")) {
      if (moved.contains(table)) continue;
      std::string columns;
      for (const auto& name :
           words(database, "SELECT name FROM pragma_table_info('" + table + "', 'old')")) {
        columns += (columns.empty() ? "" : ", ") + name;
      }
      EXPECT_EQ(count(database, "SELECT count(*) FROM (SELECT " + columns + " FROM old." + table +
                                    " EXCEPT SELECT " + columns + " FROM main." + table + ")"),
                0)
          << "rows of " << table << " were lost or changed";
    }
  }

  void expect_mail_is_read(Store& store) {
    const auto cursor = good(store.messages().cursor(integration, "INBOX"));
    ASSERT_TRUE(cursor.has_value());
    EXPECT_EQ(cursor->next_uid, 44u);
    EXPECT_NE(good(store.messages().raw(MessageId{12})).find("<12@example.com>"),
              std::string::npos);
    EXPECT_EQ(good(store.messages().raw(MessageId{13})), spooled_mail_of_rows);
    const auto first = good(store.messages().get(MessageId{11}));
    EXPECT_EQ(first.summary.subject, "Mail 11");
    EXPECT_EQ(first.state, MessageState::handed_over);
    ASSERT_EQ(first.handovers.size(), 1u);
    EXPECT_EQ(first.handovers.front().state, HandoverState::acknowledged);
    EXPECT_GE(good(store.messages().list({}, {})).items.size(), 3u);
    EXPECT_EQ(good(store.messages().undigested(integration, 10)).size(), 1u);
    EXPECT_EQ(good(store.handovers().due(target, at(1'800'000'000), 10)).size(), 1u);
    EXPECT_EQ(good(store.targets().list()).front().value.name, "Helpdesk");
    // The duplicate rule's memory: the same mail under a new UID is not stored once more.
    auto again = batch(integration, 47);
    again.mails.push_back(mail(46, good(store.messages().raw(MessageId{11}))));
    again.mails.front().sha256 = first.sha256;
    again.mails.front().message_id = first.message_id;
    EXPECT_TRUE(good(store.messages().store(std::move(again))).front().duplicate);
  }

  void expect_deliveries_are_read(Store& store) {
    const auto due = good(store.deliveries().due(integration, at(1'800'000'000), 10));
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due.front().id.value, 31);
    EXPECT_NE(good(store.deliveries().bytes(DeliveryId{31})).find("<out@example.com>"),
              std::string::npos);
    const auto sent = good(store.deliveries().get(DeliveryId{32}));
    EXPECT_EQ(sent.outcome.state, DeliveryState::sent);
    EXPECT_EQ(sent.outcome.recipients.front().message, "250 ok");
    EXPECT_EQ(good(store.deliveries().attempts(DeliveryId{32})).size(), 1u);
    EXPECT_EQ(good(store.deliveries().of_message_id("<sent@example.com>")).size(), 1u);
    IdempotencyKey key;
    key.scope = "tok";
    key.key = "key-1";
    key.body_sha256 = "abc";
    EXPECT_TRUE(good(store.deliveries().find_key(key)).has_value());
    DeliveryFilter filter;
    filter.subject = "Hello";
    EXPECT_EQ(good(store.deliveries().list(filter, {})).items.size(), 1u);
  }

  void expect_the_rest_is_read(Store& store) {
    const auto integrations = good(store.integrations().some(good(store.integrations().ids())));
    ASSERT_EQ(integrations.size(), 1u);
    EXPECT_EQ(integrations.front().value.incoming.server.host, "imap.example.com");
    EXPECT_EQ(good(store.integrations().secrets(integration)).incoming_password.reveal(),
              password_of_rows);
    EXPECT_EQ(good(store.accounts().list_tokens()).front().name, "me");
    EXPECT_EQ(good(store.people().get("admin")).role, "admin");
    EXPECT_FALSE(good(store.events().list({}, {})).items.empty());
    good(store.people().list());
    good(store.people().sessions("viewer", at(0)));
    good(store.audit().list({}, {}));
    good(store.activity().recent(integration));
    good(store.activity().transcript(integration, "incoming"));
    good(store.compares().known(integration, "INBOX"));
    good(store.quarantine().waiting(integration, 10));
    good(store.after_fetches().due(integration, at(1'800'000'000), 10));
    good(store.submission_logins().find(integration));
    good(store.providers().list());
    good(store.oauth().apps());
    good(store.oauth().grants());
    good(store.problems().list({}, {}));
    good(store.problems().due_notices(10));
    good(store.silences().list());
    good(store.settings().get());
    good(store.rules().list());
    good(store.rules().book());
    good(store.event_rules().list());
    good(store.event_rules().runs(std::nullopt, {}));
    good(store.profiles().list());
    good(store.past_checks().all());
    good(store.certificates().list());
  }

  TemporaryDirectory directory_;
  StoreOptions options_{.exclusive = true};
};

TEST_P(UpgradeTest, Loses_nothing_and_all_of_it_can_be_read) {
  make_old(GetParam());

  auto opened = open_store(options_);
  ASSERT_TRUE(opened.has_value()) << describe(opened.error());
  opened.value()->close();
  opened.value().reset();

  expect_nothing_lost();
  auto store = open_store(options_).value();
  expect_the_rest_is_read(*store);
  expect_deliveries_are_read(*store);
  expect_mail_is_read(*store);
  store->close();
  store.reset();
  const auto verified = verify_data(options_.data_dir, key_path(), [](auto, auto, auto) {}).value();
  EXPECT_EQ(verified.findings, std::vector<std::string>());
  EXPECT_GE(verified.messages, 3u);
}

// The copy that the upgrade made is what the older program had: it starts from it as before.
TEST_P(UpgradeTest, Can_be_taken_back_with_the_copy_it_made) {
  const int schema = GetParam();
  if (schema == migrations().back().version) return;  // nothing to upgrade: no copy
  make_old(schema);
  ASSERT_TRUE(open_store(options_).has_value());

  const auto refused = open_engine(options_, steps_up_to(schema));

  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, errc::schema_too_new);
  const auto copy = database_path() + ".before-" + std::to_string(schema + 1);
  EXPECT_NE(refused.error().detail.find(copy), std::string::npos) << refused.error().detail;
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(database_path() + end);
  std::filesystem::rename(copy, database_path());
  auto database = Database::open(database_path(), {}).value();
  EXPECT_TRUE(migrate(database, database_path(), steps_up_to(schema)).has_value());
  EXPECT_EQ(schema_version(database).value(), schema);
  expect_nothing_lost();
}

std::vector<int> each_schema() {
  std::vector<int> all;
  for (const auto& step : migrations()) all.push_back(step.version);
  return all;
}

INSTANTIATE_TEST_SUITE_P(From_schema, UpgradeTest, testing::ValuesIn(each_schema()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace postern::storage
