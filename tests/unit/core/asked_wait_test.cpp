#include "core/asked_wait.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

using namespace std::chrono_literals;

TEST(Asked_wait, Reads_what_servers_say) {
  EXPECT_EQ(asked_wait("Request is throttled. Suggested Backoff Time: 299961 milliseconds"),
            299'961ms);
  EXPECT_EQ(asked_wait("451 4.7.1 Greylisted, try again in 5 minutes"), 5min);
  EXPECT_EQ(asked_wait("450 4.2.0 please TRY AGAIN after 30 seconds."), 30s);
  EXPECT_EQ(asked_wait("retry in 2 hours"), 2h);
  EXPECT_EQ(asked_wait("please wait 90s and reconnect"), 90s);
  EXPECT_EQ(asked_wait("wait for about 1 min"), 1min);
  EXPECT_EQ(asked_wait("retry after 250 ms"), 250ms);
}

TEST(Asked_wait, Finds_none_where_none_is_meant) {
  EXPECT_FALSE(asked_wait(""));
  EXPECT_FALSE(asked_wait("450 4.2.0 come back later"));
  EXPECT_FALSE(asked_wait("try again in 5 moons"));
  EXPECT_FALSE(asked_wait("Suggested Backoff Time: soon"));
  EXPECT_FALSE(asked_wait("backoff time: 99999999999 milliseconds"));
  EXPECT_FALSE(asked_wait("try again in 0 seconds"));
  EXPECT_FALSE(asked_wait("try again in 999999999 hours"));
  EXPECT_FALSE(asked_wait("30 messages a minute are allowed"));
}

}  // namespace
}  // namespace postern
