// Stories of changes that the store keeps from being in force at once.
#include "sim/stage.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

sqlite3* opened_last = nullptr;

int remember(sqlite3* database, char**, const sqlite3_api_routines*) {
  opened_last = database;
  return SQLITE_OK;
}

/// As long as it lives every statement of the database that was opened last fails.
class SickStore {
 public:
  SickStore() {
    sqlite3_progress_handler(
        opened_last, 1, [](void*) { return 1; }, nullptr);
  }
  SickStore(const SickStore&) = delete;
  ~SickStore() { sqlite3_progress_handler(opened_last, 0, nullptr, nullptr); }
};

class HubChanges : public testing::Test {
 protected:
  HubChanges() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&remember)); }
  ~HubChanges() override { sqlite3_reset_auto_extension(); }
};

TEST_F(HubChanges, Of_an_integration_are_made_when_the_store_works_again) {
  Stage stage(1);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  ASSERT_EQ(account.imap->connected(), 1U);

  {
    const SickStore sick;
    EXPECT_FALSE(stage.world.run(stage.gateway->hub().integration_changed(account.id)));
    stage.run_for(1min);
    EXPECT_EQ(account.imap->connected(), 0U);
  }

  EXPECT_TRUE(stage.run_until([&] { return account.imap->connected() == 1; }, 1min));
  const auto sha256 = stage.offer(account);
  EXPECT_TRUE(stage.run_until([&] { return hook.ids_of(sha256).size() == 1; }, 1min));
  stage.stop();
}

TEST_F(HubChanges, Of_a_target_are_made_when_the_store_works_again) {
  Stage stage(2);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);

  {
    const SickStore sick;
    EXPECT_FALSE(stage.world.run(stage.gateway->hub().target_changed(stage.targets.at("desk"))));
  }

  const auto sha256 = stage.offer(account);
  EXPECT_TRUE(stage.run_until([&] { return hook.ids_of(sha256).size() == 1; }, 1min));
  stage.stop();
}

TEST_F(HubChanges, End_with_the_hub_while_the_store_still_fails) {
  Stage stage(3);
  auto& account = stage.add_account("anna");
  stage.start();
  {
    const SickStore sick;
    EXPECT_FALSE(stage.world.run(stage.gateway->hub().integration_changed(account.id)));
  }

  stage.stop();

  EXPECT_EQ(account.imap->connected(), 0U);
}

}  // namespace
}  // namespace postern::sim
