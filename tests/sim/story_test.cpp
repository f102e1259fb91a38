// The stories by seed. POSTERN_SEED=n plays that one alone; POSTERN_SEEDS=n plays n in each of the
// forty tests instead of 5.
#include "sim/story.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace postern::sim {
namespace {

constexpr std::uint64_t share_count = 40;
constexpr std::uint64_t seeds_in_a_share = 5;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

class Stories : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Stories, Keep_every_promise) {
  if (const auto seed = number_from("POSTERN_SEED", 0); seed != 0) {
    if (seed % share_count == GetParam()) Story(seed).play();
    return;
  }
  const auto count = number_from("POSTERN_SEEDS", seeds_in_a_share);
  for (std::uint64_t i = 1; i <= count; ++i) {
    Story(i * share_count + GetParam()).play();
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(By_seed, Stories, testing::Range<std::uint64_t>(0, share_count));

TEST(Story, Is_the_same_in_two_runs_of_one_seed) {
  const auto first = Story(7).play();
  const auto second = Story(7).play();

  EXPECT_GT(first.size(), 1000U);
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace postern::sim
