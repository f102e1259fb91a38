#include "flows/uid_sets.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

TEST(To_sets, Keeps_what_one_command_can_hold_in_one) {
  UidRanges uids(3, 4);
  uids.add(6, 9);
  uids.add(4294967295U);

  const auto sets = to_sets(uids);

  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].str(), "3:4,6:9,4294967295");
}

TEST(To_sets, Is_empty_for_nothing) {
  EXPECT_TRUE(to_sets(UidRanges()).empty());
}

TEST(To_sets, Cuts_what_one_command_cannot_hold) {
  UidRanges odd;
  for (std::uint32_t uid = 1; uid <= 2 * ranges_per_command_max + 1; uid += 2) odd.add(uid);

  const auto sets = to_sets(odd);

  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].ranges().size(), ranges_per_command_max);
  EXPECT_EQ(sets[1].count(), 1U);
}

TEST(To_ranges, Takes_numbers_in_any_order) {
  imap::NumberSet told;
  ASSERT_TRUE(told.add(9));
  ASSERT_TRUE(told.add(2, 4));
  ASSERT_TRUE(told.add(3, 8));

  EXPECT_EQ(to_ranges(told), UidRanges(2, 9));
}

}  // namespace
}  // namespace postern::flows
