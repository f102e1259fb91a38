// Problems of the gateway's own: channels that fail, and what runs out on a day that is known.
#include "core/alerting.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// A book with a clock, and all the notices so far as lines: "failing mail".
class AlertingStages : public testing::Test {
 protected:
  Instant now{1h};
  AlertSurroundings around;
  ProblemBook book;
  Lines told;

  void find(ProblemClass of, const std::string& subject, int count) {
    Finding finding;
    finding.key.of = of;
    finding.key.subject = subject;
    finding.title = subject;
    finding.count = count;
    finding.failing = count > 0;
    book.find(finding, now);
    settle();
  }
  void settle() {
    for (const auto& notice : book.settle(AlertPolicy(), around, now)) {
      told.push_back(std::string(to_string(notice.kind)) + " " + notice.problems[0].title);
    }
  }
  void pass(Duration duration) {
    for (const Instant end = now + duration; now < end; settle()) now += 10s;
  }
};

TEST_F(AlertingStages, Trouble_of_a_channel_is_listed_and_told_only_where_there_is_another) {
  find(ProblemClass::channel, "mail", 9);
  pass(24h);
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(book.problems().begin()->second.state, ProblemState::open);

  around.other_way = [](const Problem&) { return true; };
  find(ProblemClass::channel, "mail", 10);
  pass(1min);
  EXPECT_EQ(told, Lines{"failing mail"});
}

TEST_F(AlertingStages, What_runs_out_is_told_again_at_each_stage_and_not_by_the_hour) {
  for (int stage = 1; stage <= 4; ++stage) {
    find(ProblemClass::certificate, "imap.test:993", stage);
    pass(24h * 3);
    EXPECT_EQ(told.size(), static_cast<std::size_t>(stage));
  }
  EXPECT_EQ(told.front(), "failing imap.test:993");
  EXPECT_EQ(told.back(), "reminder imap.test:993");

  find(ProblemClass::certificate, "imap.test:993", 0);
  pass(1min);
  EXPECT_EQ(told.back(), "recovered imap.test:993");
}

TEST_F(AlertingStages, A_stage_that_was_skipped_is_told_once) {
  find(ProblemClass::secret, "an app", 3);
  pass(24h);
  EXPECT_EQ(told, Lines{"failing an app"});
}

}  // namespace
}  // namespace postern
