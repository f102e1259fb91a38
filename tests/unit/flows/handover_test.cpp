#include "flows/handover.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::flows {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Handover_delay, Follows_the_schedule_of_the_contract_within_a_fifth) {
  const Duration schedule[] = {seconds(5), minutes(5), minutes(30), hours(2), hours(5),
                               hours(10),  hours(14),  hours(20),   hours(24)};
  int attempts = 0;
  for (const Duration base : schedule) {
    ++attempts;
    for (const std::uint64_t random : {0ULL, 1ULL, 12345ULL, 18446744073709551615ULL}) {
      const auto delay = handover_delay(attempts, random);

      ASSERT_TRUE(delay);
      EXPECT_GE(delay->count(), base.count() * 8 / 10);
      EXPECT_LE(delay->count(), base.count() * 12 / 10);
    }
  }
}

TEST(Handover_delay, Brings_the_first_retry_within_14_seconds) {
  for (std::uint64_t random = 0; random < 5000; ++random) {
    EXPECT_LT(*handover_delay(1, random), seconds(14));
  }
}

TEST(Handover_delay, Ends_after_the_tenth_attempt) {
  EXPECT_TRUE(handover_delay(9, 0));
  EXPECT_FALSE(handover_delay(10, 0));
}

// The example of Standard Webhooks 1.0, as its reference libraries check it.
TEST(Webhook_signature, Is_that_of_the_specification) {
  const Secret secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  const auto signature = webhook_signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                           R"({"test": 2432232314})");

  EXPECT_EQ(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Webhook_signature, Wants_a_secret_of_the_right_form) {
  EXPECT_FALSE(webhook_signature(Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "id", 1, "{}"));
  EXPECT_FALSE(webhook_signature(Secret("whsec_%%%"), "id", 1, "{}"));
}

}  // namespace
}  // namespace postern::flows
