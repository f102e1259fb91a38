#include "flows/uid_sets.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

TEST(Sets_without, Leaves_out_what_is_here_already) {
  const auto sets = sets_without(imap::NumberSet(1, 10), {1, 2, 5, 10, 11});

  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].str(), "3:4,6:9");
}

TEST(Sets_without, Is_empty_when_all_is_here) {
  EXPECT_TRUE(sets_without(imap::NumberSet(7, 8), {7, 8}).empty());
}

TEST(Sets_without, Reaches_the_last_uid_there_is) {
  const auto sets = sets_without(imap::NumberSet(4294967294U, 4294967295U), {4294967294U});

  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].str(), "4294967295");
}

TEST(Sets_without, Cuts_what_one_command_cannot_hold) {
  imap::NumberSet odd;
  for (std::uint32_t uid = 1; uid <= 2 * ranges_per_command_max + 1; uid += 2) {
    ASSERT_TRUE(odd.add(uid));
  }

  const auto sets = sets_without(odd, {});

  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].ranges().size(), ranges_per_command_max);
  EXPECT_EQ(sets[1].count(), 1U);
}

}  // namespace
}  // namespace postern::flows
