#include "flows/bisection.hpp"
#include "flows/quarantine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;
using Uids = std::vector<std::uint32_t>;

TEST(Bisection, Finds_the_mails_a_server_refuses_and_takes_all_others) {
  Uids all(1000);
  std::iota(all.begin(), all.end(), 1);
  const std::set<std::uint32_t> bad{1, 300, 301, 1000};
  Bisection work(all);
  std::set<std::uint32_t> taken, refused;
  int asked = 0;

  while (const auto uids = work.next()) {
    ++asked;
    EXPECT_LE(uids->size(), Bisection::at_once_max);
    const bool ok = std::none_of(uids->begin(), uids->end(),
                                 [&](std::uint32_t uid) { return bad.contains(uid); });
    if (ok) taken.insert(uids->begin(), uids->end());
    if (!ok && uids->size() == 1) refused.insert(uids->front());
    if (!ok) work.refused(*uids);
  }

  EXPECT_EQ(refused, bad);
  EXPECT_EQ(taken.size(), 996U);
  EXPECT_LE(asked, 4 + 4 * 2 * 8);
}

TEST(Bisection, Asks_alone_for_those_that_did_not_come) {
  Bisection work({5, 6, 7});
  ASSERT_TRUE(work.next());

  work.missing({5, 7});

  EXPECT_EQ(work.next(), Uids{5});
  EXPECT_EQ(work.next(), Uids{7});
  EXPECT_FALSE(work.next());
}

TEST(Bisection, Ends_with_nothing_to_do) {
  EXPECT_FALSE(Bisection({}).next());
}

TEST(NextTry, Grows_and_ends_after_the_fifth) {
  const Instant now = from_milliseconds(1'000'000);

  EXPECT_EQ(next_try(0, now), now);
  EXPECT_EQ(next_try(1, now), now + 1min);
  EXPECT_EQ(next_try(2, now), now + 5min);
  EXPECT_EQ(next_try(3, now), now + 15min);
  EXPECT_EQ(next_try(4, now), now + 60min);
  EXPECT_EQ(next_try(5, now), std::nullopt);
  EXPECT_EQ(tries_max, 5);
}

}  // namespace
}  // namespace postern::flows
