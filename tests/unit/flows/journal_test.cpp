#include "flows/journal.hpp"
#include "net/real_env.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

TEST(Journal, Counts_what_happens_again_and_keeps_the_newest) {
  const auto env = net::make_real_env({}).value();
  Journal journal(*env);
  for (int i = 0; i < 5; ++i) journal.note("check.succeeded", "nothing new");
  ASSERT_EQ(1U, journal.entries().size());
  EXPECT_EQ(5, journal.entries()[0].data.at("count").as_int64());
  EXPECT_TRUE(journal.entries()[0].data.contains("since"));

  for (int i = 0; i < 200; ++i) journal.note("check.succeeded", std::to_string(i) + " stored");
  EXPECT_EQ(Journal::entries_max, journal.entries().size());
  EXPECT_EQ("199 stored", journal.entries().back().text);
}

TEST(Recording, Takes_no_more_than_its_bounds) {
  const auto env = net::make_real_env({}).value();
  Recording recording(*env);
  EXPECT_FALSE(recording.wants());
  recording.begin(std::chrono::minutes(5));
  std::size_t taken = 0;
  TranscriptLine line;
  line.text = std::string(500, 'x');
  for (; recording.wants(); ++taken) recording.take(line);
  EXPECT_TRUE(recording.full());
  EXPECT_LE(taken, Recording::bytes_max / 500 + 1);

  recording.begin(std::chrono::minutes(5));
  line.text = "x";
  for (taken = 0; recording.wants(); ++taken) recording.take(line);
  EXPECT_EQ(Recording::lines_max, taken);
}

}  // namespace
}  // namespace postern::flows
