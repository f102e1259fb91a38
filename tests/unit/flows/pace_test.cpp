#include "flows/pace.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;

TEST(Pace, Lets_everything_go_without_a_limit) {
  Pace pace(std::nullopt);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(pace.wait(0s), 0s);
    pace.go(0s);
  }
}

TEST(Pace, Is_what_the_provider_publishes_unless_the_integration_says_otherwise) {
  Outgoing outgoing;
  outgoing.server.host = "smtp.example.com";
  EXPECT_EQ(messages_per_minute(outgoing), std::nullopt);
  outgoing.server.host = "smtp.office365.com";
  EXPECT_EQ(messages_per_minute(outgoing), 30);
  outgoing.messages_per_minute = 500;
  EXPECT_EQ(messages_per_minute(outgoing), 500);
}

TEST(Pace, Lets_so_many_go_in_any_minute) {
  Pace pace(2);
  pace.go(0s);
  EXPECT_EQ(pace.wait(10s), 0s);
  pace.go(10s);
  EXPECT_EQ(pace.wait(10s), 50s);
  EXPECT_EQ(pace.wait(59s), 1s);
  EXPECT_EQ(pace.wait(60s), 0s);
  pace.go(60s);
  EXPECT_EQ(pace.wait(60s), 10s);
}

}  // namespace
}  // namespace postern::flows
