// What was sent is kept for days of its own, and what waits for as long as it does.
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

TEST(Sent_retention, Of_deliveries_has_days_of_its_own_and_spares_what_waits) {
  Stage stage(91);
  flows::FlowOptions options;
  options.retention_days = 30;
  options.retention_sent_days = 2;
  stage.set_options(options);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
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

}  // namespace
}  // namespace postern::sim
