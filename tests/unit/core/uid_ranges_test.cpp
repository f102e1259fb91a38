#include "core/uid_ranges.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace postern {
namespace {

constexpr std::uint32_t last_uid = 4294967295U;

UidRanges of(std::initializer_list<UidRange> ranges) {
  UidRanges set;
  for (const auto& range : ranges) set.add(range.first, range.last);
  return set;
}

TEST(UidRanges, Joins_neighbours_and_overlaps) {
  const auto set = of({{5, 7}, {1, 2}, {3, 3}, {6, 10}, {20, last_uid}, {15, 19}});

  const std::vector<UidRange> expected{{1, 3}, {5, 10}, {15, last_uid}};
  EXPECT_EQ(set.ranges(), expected);
}

TEST(UidRanges, Reaches_the_last_uid_there_is) {
  auto set = of({{last_uid, last_uid}});
  set.add(last_uid - 1);

  EXPECT_EQ(set.count(), 2U);
  EXPECT_TRUE(set.contains(last_uid));
  EXPECT_TRUE(set.without(UidRanges(1, last_uid)).empty());
  EXPECT_EQ(UidRanges(1, last_uid).without(set), UidRanges(1, last_uid - 2));
}

TEST(UidRanges, Agrees_with_a_plain_set) {
  std::mt19937 chance(7);
  for (int round = 0; round < 300; ++round) {
    UidRanges left, right;
    std::set<std::uint32_t> plain_left, plain_right;
    for (int i = 0; i < 12; ++i) {
      const std::uint32_t first = 1 + chance() % 60, last = first + chance() % 5;
      auto& set = i % 2 == 0 ? left : right;
      auto& plain = i % 2 == 0 ? plain_left : plain_right;
      set.add(first, last);
      for (auto uid = first; uid <= last; ++uid) plain.insert(uid);
    }

    const auto difference = left.without(right);

    for (std::uint32_t uid = 1; uid < 70; ++uid) {
      EXPECT_EQ(left.contains(uid), plain_left.contains(uid));
      EXPECT_EQ(difference.contains(uid), plain_left.contains(uid) && !plain_right.contains(uid));
      EXPECT_EQ(left.from(30).contains(uid), uid >= 30 && plain_left.contains(uid));
    }
    EXPECT_EQ(left.count(), plain_left.size());
    EXPECT_EQ(UidRanges::decode(left.encode()), left);
  }
}

TEST(UidRanges, Costs_little_for_a_dense_folder) {
  UidRanges dense;
  for (std::uint32_t uid = 1; uid <= 100000; ++uid) {
    if (uid % 1000 != 0) dense.add(uid);
  }

  EXPECT_LE(dense.encode().size(), 400U);
  EXPECT_EQ(UidRanges::decode(dense.encode()), dense);
}

TEST(UidRanges, Refuses_bytes_that_are_no_set) {
  EXPECT_FALSE(UidRanges::decode("\x05"));
  EXPECT_FALSE(UidRanges::decode("\xff\xff\xff\xff\xff\xff\x01"));
  EXPECT_FALSE(UidRanges::decode(std::string("\xff\xff\xff\xff\x0f\x01", 6)));
  EXPECT_EQ(UidRanges::decode(""), UidRanges());
}

TEST(UidRanges, Gives_the_first_ones_one_by_one) {
  EXPECT_EQ(of({{2, 3}, {9, 12}}).first_uids(4), (std::vector<std::uint32_t>{2, 3, 9, 10}));
}

TEST(UidRanges, Adds_a_set_as_its_ranges_one_by_one_would_be) {
  for (std::uint32_t step = 1; step < 7; ++step) {
    UidRanges set, others, one_by_one;
    for (std::uint32_t uid = 1000; uid < 1300; uid += 3) set.add(uid, uid + 1);
    for (std::uint32_t uid = 990; uid < 1400; uid += step) others.add(uid, uid + step / 3);
    one_by_one = set;
    for (const auto& range : others.ranges()) one_by_one.add(range.first, range.last);

    set.add(others);

    EXPECT_EQ(set, one_by_one) << step;
  }
  UidRanges last(4294967290, 4294967295);
  last.add(UidRanges(4294967280, 4294967295));
  EXPECT_EQ(last, UidRanges(4294967280, 4294967295));
}

TEST(UidRanges, Takes_many_ranges_told_from_the_last_to_the_first) {
  UidRanges all;
  std::uint32_t next = 4294967295;
  for (int answer = 0; answer < 40; ++answer) {
    UidRanges told;
    for (std::uint32_t uid = next - 5000 * 4; uid < next; uid += 4) told.add(uid);
    next -= 5000 * 4;
    all.add(told);
  }
  EXPECT_EQ(all.ranges().size(), 200000U);
}

}  // namespace
}  // namespace postern
