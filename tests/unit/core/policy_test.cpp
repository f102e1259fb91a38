// The pure policies, as tables: back-off, health.
#include "core/backoff.hpp"
#include "core/health.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace postern {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t middle = 200;  // 800 + 200: no jitter

TEST(Backoff, Doubles_from_the_first_to_the_maximum) {
  EXPECT_EQ(backoff(1, seconds(5), minutes(15), middle), seconds(5));
  EXPECT_EQ(backoff(2, seconds(5), minutes(15), middle), seconds(10));
  EXPECT_EQ(backoff(6, seconds(5), minutes(15), middle), seconds(160));
  EXPECT_EQ(backoff(9, seconds(5), minutes(15), middle), seconds(750));
  EXPECT_EQ(backoff(2147483647, seconds(5), minutes(15), middle), seconds(750));
}

TEST(Backoff, Spreads_by_a_fifth_to_both_sides_and_never_over_the_maximum) {
  std::set<Duration> seen;
  for (std::uint64_t random = 0; random < 1000; ++random) {
    const auto early = backoff(1, seconds(5), minutes(15), random);
    EXPECT_GE(early, seconds(4));
    EXPECT_LE(early, seconds(6));
    const auto late = backoff(50, seconds(5), minutes(15), random);
    EXPECT_GE(late, minutes(10));
    EXPECT_LE(late, minutes(15));
    seen.insert(late);
  }
  EXPECT_GT(seen.size(), 300u);
}

TEST(Backoff, Takes_less_than_one_failure_as_one) {
  EXPECT_EQ(backoff(0, seconds(5), minutes(15), middle), seconds(5));
  EXPECT_EQ(backoff(-3, seconds(5), minutes(15), middle), seconds(5));
}

TEST(Backoff, Is_safe_with_huge_limits) {
  EXPECT_GT(backoff(2147483647, Duration::max(), Duration::max(), ~0ULL), Duration(0));
}

constexpr HealthPolicy policy{.notify_after = 3, .disable_after = 5, .recover_after = 2};

Health after_all(const std::vector<Outcome>& outcomes) {
  Health health;
  std::int64_t at = 100;
  for (const auto outcome : outcomes) {
    health = after(health, outcome, from_milliseconds(at++), policy);
  }
  return health;
}

TEST(Health, Table_of_standings) {
  using enum Outcome;
  const std::pair<std::vector<Outcome>, Standing> table[] = {
      {{}, Standing::healthy},
      {{transient, transient}, Standing::healthy},
      {{transient, auth_rejected, transient}, Standing::failing},
      {{transient, transient, ok, transient}, Standing::healthy},
      {{transient, transient, rejected, stopped, transient}, Standing::failing},
      {{transient, transient, transient, ok}, Standing::failing},
      {{transient, transient, transient, ok, ok}, Standing::healthy},
      {{transient, transient, transient, ok, transient, ok}, Standing::failing},
      {{transient, transient, transient, transient, transient}, Standing::disabled},
      {{auth_rejected, auth_rejected, auth_rejected, auth_rejected, auth_rejected, ok, ok},
       Standing::disabled},
      {{throttled, throttled, throttled, throttled, throttled, throttled}, Standing::failing},
      {{needs_consent, needs_consent, needs_consent, needs_consent, needs_consent, needs_consent},
       Standing::failing},
      {{rejected, rejected, rejected, rejected, rejected, rejected}, Standing::healthy},
      {{stopped, stopped, stopped, stopped, stopped, stopped}, Standing::healthy},
  };
  int row = 0;
  for (const auto& [outcomes, standing] : table) {
    EXPECT_EQ(after_all(outcomes).standing, standing) << "row " << row;
    ++row;
  }
}

TEST(Health, Remembers_when_the_failing_began) {
  using enum Outcome;
  const auto health = after_all({ok, transient, transient, transient});

  EXPECT_EQ(health.failing_since, from_milliseconds(101));
  EXPECT_EQ(health.failures, 3);
}

TEST(Health, Recovery_leaves_no_counter_behind) {
  using enum Outcome;
  EXPECT_EQ(after_all({transient, transient, transient, ok, ok}), Health{});
  EXPECT_EQ(after_all({transient, ok}), Health{});
}

TEST(Outcome, Has_a_word_each) {
  EXPECT_EQ(to_string(Outcome::ok), "ok");
  EXPECT_EQ(to_string(Outcome::needs_consent), "needs_consent");
}

}  // namespace
}  // namespace postern
