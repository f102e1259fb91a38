// Stories of what is kept: mail and deliveries go at their own limits, and never what waits.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

bool is_there(Stage& stage, const Call& call) {
  const auto found = stage.world.run(stage.gateway->store().deliveries().get(*call.promised));
  return found.has_value();
}

std::uint64_t mails(Stage& stage) {
  return stage.gateway->ask(stage.gateway->store().messages().count());
}

TEST(Retention, Of_deliveries_has_days_of_its_own_and_spares_what_waits) {
  Stage stage(91);
  flows::FlowOptions options;
  options.retention_days = 30;
  options.retention_sent_days = 2;
  stage.set_options(options);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  auto& sent = stage.send(account, {"one@else.test"});
  auto& failed = stage.send(account, {"refused@else.test"});
  auto& waiting = stage.send(account, {"later@else.test"});
  stage.offer(account);
  stage.run_for(24h);
  EXPECT_TRUE(is_there(stage, sent));
  EXPECT_TRUE(is_there(stage, failed));

  stage.run_for(48h);

  EXPECT_FALSE(is_there(stage, sent));
  EXPECT_FALSE(is_there(stage, failed));
  EXPECT_TRUE(is_there(stage, waiting));
  EXPECT_EQ(mails(stage), 1U);
  stage.stop();
}

TEST(Retention, Of_mail_is_by_number_oldest_first_and_spares_what_no_target_took) {
  Stage stage(92);
  flows::FlowOptions options;
  options.retention_messages = 2;
  stage.set_options(options);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  for (int i = 0; i < 5; ++i) stage.offer(account);
  stage.run_for(10min);
  EXPECT_EQ(mails(stage), 2U);

  hook.manners.answers_500 = 1;
  for (int i = 0; i < 4; ++i) stage.offer(account);
  stage.run_for(10min);
  EXPECT_EQ(mails(stage), 4U);

  hook.manners.answers_500 = 0;
  stage.run_for(24h);
  EXPECT_EQ(mails(stage), 2U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
