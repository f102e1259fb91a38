#include "imap/number_set.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

TEST(NumberSet, Joins_neighbours) {
  NumberSet set;
  for (const std::uint32_t number : {1, 2, 3, 7, 8, 5}) ASSERT_TRUE(set.add(number));

  EXPECT_EQ(set.str(), "1:3,7:8,5");
  EXPECT_EQ(set.count(), 6U);
  EXPECT_TRUE(set.contains(8));
  EXPECT_FALSE(set.contains(6));
}

TEST(NumberSet, Holds_the_largest_numbers) {
  NumberSet set(1, 4294967295U);

  EXPECT_EQ(set.count(), 4294967295U);
  EXPECT_EQ(set.str(), "1:4294967295");
  ASSERT_TRUE(set.add(1));
  EXPECT_EQ(set.str(), "1:4294967295,1");
}

TEST(NumberSet, Refuses_zero_and_ranges_upside_down) {
  NumberSet set;

  EXPECT_EQ(set.add(0).error().code, errc::bad_argument);
  EXPECT_EQ(set.add(3, 2).error().code, errc::bad_argument);
  EXPECT_TRUE(set.empty());
}

TEST(NumberSet, Refuses_a_range_more_than_its_limit) {
  NumberSet set;
  std::uint32_t number = 1;
  for (std::size_t i = 0; i < NumberSet::ranges_max; ++i, number += 2) ASSERT_TRUE(set.add(number));

  EXPECT_EQ(set.add(number).error().code, errc::set_too_large);
  EXPECT_TRUE(set.add(number - 1)) << "a neighbour costs no range";
}

}  // namespace
}  // namespace postern::imap
