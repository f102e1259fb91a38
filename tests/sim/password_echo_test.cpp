// Stories of servers that say back the password they were given, where it is no error that they
// tell of: it is shown to nobody. Each story's end looks through the log and the events for it too.
#include "flows/connection_test.hpp"
#include "sim/pop3_post.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

net::Task<void> keep(std::string& told, flows::TestStep step) {
  told += serialize(to_json(step)) + '\n';
  co_return;
}

bool logged(const Stage& stage, std::string_view words) {
  return stage.log.find(words) != std::string::npos;
}

TEST(PasswordEcho, In_an_alert_is_masked_in_the_log) {
  Stage stage(1);
  auto& account = stage.add_account("anna");
  account.imap->manners.last_words = "* OK [ALERT] in with " + account.password;
  account.imap->manners.commands_before_cut = 0;
  stage.start();

  EXPECT_TRUE(stage.run_until([&] { return logged(stage, "says: in with ***"); }, 1min));

  EXPECT_FALSE(logged(stage, account.password));
  stage.stop();
}

TEST(PasswordEcho, In_the_answer_to_quit_is_masked_in_the_log) {
  Post post(2, deleting);
  auto& stage = post.stage;
  post.pop.manners.quit_refusal = "out with " + post.account.password;
  stage.start();
  post.offer();

  EXPECT_TRUE(stage.run_until([&] { return logged(stage, "again: out with ***"); }, 30min));

  EXPECT_FALSE(logged(stage, post.account.password));
  stage.stop();
}

TEST(PasswordEcho, In_a_greeting_is_masked_in_the_connection_test) {
  Post post(3);
  auto& stage = post.stage;
  post.pop.manners.greeting = "hello " + post.account.password;
  stage.start();
  auto& life = *stage.gateway;
  const auto accounts = life.ask(life.store().integrations().accounts({post.account.id}));
  std::string told;
  const auto tell = [&told](const flows::TestStep& step) { return keep(told, step); };

  EXPECT_TRUE(stage.world.run(flows::run_connection_test(
      life.hub().context(), accounts.at(0).stored.value, accounts.at(0).secrets,
      flows::TestDirections::incoming, true, tell)));

  EXPECT_NE(told.find("hello ***"), std::string::npos) << told;
  EXPECT_EQ(told.find(post.account.password), std::string::npos) << told;
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
