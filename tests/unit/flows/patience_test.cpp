// Patience: silence, drips and flows of bytes use up the same limit.
#include "flows/patience.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;

TEST(Patience, Ends_with_its_limit_in_silence) {
  Patience patience;
  patience.begin(60s);
  EXPECT_EQ(patience.left(), 60s);

  patience.waited(59s);
  EXPECT_EQ(patience.left(), 1s);
  patience.waited(1s);
  EXPECT_LE(patience.left(), 0s);
}

TEST(Patience, Gives_one_who_drips_no_more_than_one_who_is_silent) {
  Patience patience;
  patience.begin(60s);

  for (int second = 0; second < 60; second += 2) patience.waited(2s, 1);

  EXPECT_LE(patience.left(), 0s);
}

TEST(Patience, Lasts_as_long_as_a_body_keeps_its_pace) {
  Patience patience;
  patience.begin(60s);

  for (int second = 0; second < 3600; ++second) patience.waited(1s, 1024);
  EXPECT_EQ(patience.left(), 60s);

  for (int second = 0; second < 120; ++second) patience.waited(1s, 512);
  EXPECT_LE(patience.left(), 0s) << "half the pace for twice the limit";
}

TEST(Patience, Saves_nothing_up_for_later) {
  Patience patience;
  patience.begin(60s);

  patience.waited(1s, 100U << 20);

  EXPECT_EQ(patience.left(), 60s);
  patience.waited(60s);
  EXPECT_LE(patience.left(), 0s);
}

TEST(Patience, Is_whole_again_for_the_next_answer) {
  Patience patience;
  patience.begin(60s);
  patience.waited(60s);

  patience.begin(5s);

  EXPECT_EQ(patience.left(), 5s);
}

}  // namespace
}  // namespace postern::flows
