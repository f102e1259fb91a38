// Problems and notices as a table of stories: who fails when, and what people are told of it.
#include "core/alerting.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

using namespace std::chrono_literals;

/// A book with a clock, and all the notices so far as lines: "failing a,b".
class AlertingTest : public testing::Test {
 protected:
  Instant now{std::chrono::hours(1)};
  AlertPolicy policy;
  AlertSurroundings around;
  ProblemBook book;
  std::vector<Notice> notices;
  std::vector<std::string> told;

  static ProblemKey key(const std::string& name, ProblemClass of = ProblemClass::connection,
                        const std::string& direction = "incoming") {
    ProblemKey made;
    made.of = of;
    made.direction = direction;
    made.integration.value = static_cast<std::int64_t>(std::hash<std::string>()(name) >> 2);
    return made;
  }
  static Finding finding(const std::string& name, const std::string& server,
                         ProblemClass of = ProblemClass::connection) {
    Finding made;
    made.key = key(name, of);
    made.kind = of == ProblemClass::login ? "imap.login_failed" : "imap.connection_failed";
    made.title = name;
    made.server = server;
    made.message = "refused";
    return made;
  }
  void fails(const std::string& name, int count, const std::string& server = "one.test",
             ProblemClass of = ProblemClass::connection) {
    auto made = finding(name, server, of);
    made.count = count;
    made.over = count >= 3;
    book.find(made, now);
    settle();
  }
  void works(const std::string& name, ProblemClass of = ProblemClass::connection) {
    Finding made;
    made.key = key(name, of);
    made.failing = false;
    book.find(made, now);
    settle();
  }
  void settle() {
    for (auto& notice : book.settle(policy, around, now)) {
      std::string line(to_string(notice.kind));
      for (const auto& problem : notice.problems) line += " " + problem.title;
      told.push_back(line);
      notices.push_back(std::move(notice));
    }
  }
  /// Time passes as the monitor lets it: it looks again whenever the book asks for it.
  void pass(Duration duration) {
    const Instant end = now + duration;
    while (book.look_again() && *book.look_again() <= end) {
      const Instant next = std::max(*book.look_again(), now);
      now = next;
      settle();
      if (book.look_again() && *book.look_again() <= now) break;
    }
    now = end;
    settle();
  }
  ProblemState state(const std::string& name, ProblemClass of = ProblemClass::connection) {
    return book.problems().at(key(name, of)).state;
  }
  using Lines = std::vector<std::string>;
};

TEST_F(AlertingTest, Tells_a_failure_once_it_is_over_its_threshold_and_its_recovery) {
  fails("a", 1);
  EXPECT_EQ(state("a"), ProblemState::pending);
  fails("a", 2);
  pass(1h);
  EXPECT_TRUE(told.empty());
  fails("a", 3);
  EXPECT_EQ(state("a"), ProblemState::open);
  pass(10s);
  fails("a", 4);
  pass(10min);
  EXPECT_EQ(told, Lines{"failing a"});

  works("a");
  EXPECT_EQ(state("a"), ProblemState::recovering);
  pass(10s);

  EXPECT_EQ(told, (Lines{"failing a", "recovered a"}));
  EXPECT_EQ(state("a"), ProblemState::closed);
  EXPECT_EQ(notices[0].thread, notices[1].thread);
}

TEST_F(AlertingTest, Tells_no_recovery_of_what_was_never_told) {
  fails("a", 1);
  fails("a", 2);
  works("a");
  pass(1h);

  EXPECT_TRUE(told.empty());
  EXPECT_EQ(book.problems().size(), 1U);  // until its turns no longer count
  pass(2h);
  book.take_changed();
  pass(1s);
  EXPECT_TRUE(book.problems().empty());
}

TEST_F(AlertingTest, A_failure_that_passes_while_others_are_waited_for_is_not_told) {
  fails("a", 3);
  pass(2s);
  works("a");
  pass(1h);

  EXPECT_TRUE(told.empty());
}

TEST_F(AlertingTest, Forty_mailboxes_on_one_dead_server_are_one_notice_and_one_recovery) {
  for (int i = 10; i < 50; ++i) fails("m" + std::to_string(i), 1);
  for (int i = 10; i < 50; ++i) {
    pass(500ms);
    fails("m" + std::to_string(i), 3);
  }
  pass(2min);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].problems.size(), 40U);

  for (int i = 10; i < 50; ++i) {
    pass(10s);
    works("m" + std::to_string(i));
  }
  pass(1min);
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_EQ(notices[1].kind, NoticeKind::recovered);
  EXPECT_EQ(notices[1].problems.size(), 40U);
}

TEST_F(AlertingTest, Those_still_below_their_threshold_are_listed_with_the_others) {
  fails("a", 3);
  fails("b", 1);
  pass(80s);
  EXPECT_TRUE(told.empty());
  pass(20s);
  EXPECT_EQ(told.size(), 1U);
  EXPECT_EQ(notices[0].problems.size(), 2U);

  fails("b", 3);
  pass(1h);
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(AlertingTest, Servers_and_classes_are_told_apart) {
  fails("a", 3, "one.test");
  fails("b", 3, "two.test");
  fails("c", 3, "three.test", ProblemClass::login);
  pass(10s);

  EXPECT_EQ(told.size(), 3U);
}

TEST_F(AlertingTest, A_login_is_not_told_while_its_server_is_unreachable) {
  fails("a", 3);
  fails("b", 3, "one.test", ProblemClass::login);
  pass(1min);
  EXPECT_EQ(told, Lines{"failing a"});
  ASSERT_NE(book.inhibited_by(book.problems().at(key("b", ProblemClass::login))), nullptr);

  works("a");
  pass(1min);
  EXPECT_EQ(told, (Lines{"failing a", "recovered a"}));
  fails("b", 4, "one.test", ProblemClass::login);
  pass(1min);

  EXPECT_EQ(told, (Lines{"failing a", "recovered a", "failing b"}));
}

TEST_F(AlertingTest, A_refused_login_takes_the_place_of_a_dead_connection) {
  fails("a", 3);
  pass(10s);
  fails("a", 4, "one.test", ProblemClass::login);
  EXPECT_EQ(state("a"), ProblemState::closed);
  pass(10s);
  EXPECT_EQ(told, (Lines{"failing a", "failing a"}));

  works("a", ProblemClass::login);
  pass(10s);

  EXPECT_EQ(told.back(), "recovered a");
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(notices.front().thread, notices.back().thread);
}

TEST_F(AlertingTest, When_everything_fails_at_once_it_is_the_network) {
  around.directions = 3;
  fails("a", 1, "one.test");
  fails("b", 1, "two.test");
  fails("c", 1, "three.test");
  fails("a", 3, "one.test");
  fails("b", 3, "two.test");
  fails("c", 3, "three.test");
  pass(1min);
  EXPECT_EQ(told, Lines{"failing the network"});

  works("a");
  works("b");
  works("c");
  pass(1min);
  EXPECT_EQ(told, (Lines{"failing the network", "recovered the network"}));
}

TEST_F(AlertingTest, One_that_still_fails_when_the_network_is_back_is_told) {
  around.directions = 3;
  for (int count : {1, 3}) {
    fails("a", count, "one.test");
    fails("b", count, "two.test");
    fails("c", count, "three.test");
  }
  pass(1min);
  works("a");
  works("b");
  pass(1min);
  fails("c", 4, "three.test");
  pass(1min);

  EXPECT_EQ(told, (Lines{"failing the network", "recovered the network", "failing c"}));
}

TEST_F(AlertingTest, Reminds_ever_less_often_until_somebody_takes_it_on) {
  fails("a", 3);
  pass(10s);
  book.kept(key("a"), ProblemId{7});
  pass(4h);
  EXPECT_EQ(told, (Lines{"failing a", "reminder a"}));
  pass(7h);
  EXPECT_EQ(told.size(), 2U);
  pass(1h + 1min);
  EXPECT_EQ(told.size(), 3U);

  EXPECT_TRUE(book.acknowledge(ProblemId{7}, "ann", now));
  EXPECT_FALSE(book.acknowledge(ProblemId{8}, "ann", now));
  pass(72h);
  EXPECT_EQ(told.size(), 3U);
  works("a");
  pass(10s);
  EXPECT_EQ(told.back(), "recovered a");
}

TEST_F(AlertingTest, Says_once_that_one_goes_up_and_down_and_then_waits_until_it_is_calm) {
  for (int i = 0; i < 8; ++i) {
    pass(2min);
    fails("a", 1);
    pass(2min);
    works("a");
  }
  EXPECT_EQ(told, Lines{"flapping a"});
  EXPECT_EQ(state("a"), ProblemState::flapping);

  pass(29min);
  EXPECT_EQ(told.size(), 1U);
  pass(2min);
  EXPECT_EQ(told, (Lines{"flapping a", "recovered a"}));
}

TEST_F(AlertingTest, A_group_is_told_at_most_once_a_period_and_how_often_it_was_held_back) {
  fails("a", 3);
  pass(10s);
  for (const char* name : {"b", "c"}) {
    pass(1min);
    fails(name, 3);
    pass(10s);
    works(name);
  }
  fails("d", 3);
  pass(1min);
  EXPECT_EQ(told, Lines{"failing a"});

  pass(15min);

  EXPECT_EQ(told, (Lines{"failing a", "failing d"}));
  EXPECT_EQ(notices[1].held_back, 2);
}

TEST_F(AlertingTest, What_is_silenced_is_told_when_the_silence_is_over_and_it_still_fails) {
  bool silent = true;
  around.silenced = [&silent](const Problem&) { return silent; };
  fails("a", 3);
  fails("b", 3, "two.test");
  pass(2h);
  works("b");
  EXPECT_TRUE(told.empty());

  silent = false;
  pass(1min);

  EXPECT_EQ(told, Lines{"failing a"});
}

TEST_F(AlertingTest, Says_that_it_was_disabled_once) {
  fails("a", 3);
  pass(1min);
  auto disabled = finding("a", "one.test");
  disabled.count = 10;
  disabled.disabled = true;
  book.find(disabled, now);
  settle();
  pass(1h);
  EXPECT_EQ(told, (Lines{"failing a", "disabled a"}));

  works("a");
  pass(1min);
  EXPECT_EQ(told.back(), "recovered a");
}

TEST_F(AlertingTest, One_that_is_disabled_at_once_is_told_once) {
  auto disabled = finding("a", "one.test");
  disabled.disabled = true;
  disabled.over = false;
  book.find(disabled, now);
  settle();
  pass(1min);

  EXPECT_EQ(told, Lines{"failing a"});
  EXPECT_TRUE(notices[0].problems[0].disabled);
}

TEST_F(AlertingTest, What_is_switched_off_by_hand_is_over_and_not_told) {
  fails("a", 3);
  pass(10s);
  book.drop(key("a"), now);
  pass(24h);

  EXPECT_EQ(told, Lines{"failing a"});
  EXPECT_EQ(book.active(key("a")), nullptr);
}

TEST_F(AlertingTest, Goes_on_from_its_rows_as_if_nothing_had_happened) {
  fails("a", 3);
  fails("b", 1, "two.test");
  pass(10s);
  ASSERT_EQ(told, Lines{"failing a"});

  std::vector<Problem> rows;
  for (auto& problem : book.take_changed()) {
    problem.id.value = static_cast<std::int64_t>(rows.size()) + 1;
    rows.push_back(problem_from_row(problem_row(problem)));
    rows.back().id = problem.id;
  }
  book = ProblemBook(std::move(rows));
  fails("a", 4);
  pass(1h);
  EXPECT_EQ(told, Lines{"failing a"});
  works("a");
  works("b");
  pass(1min);
  EXPECT_EQ(told, (Lines{"failing a", "recovered a"}));
}

TEST_F(AlertingTest, The_frequency_limit_holds_over_a_restart) {
  fails("a", 3);
  pass(10s);
  book = ProblemBook(book.take_changed());
  fails("b", 3);
  pass(1min);
  EXPECT_EQ(told, Lines{"failing a"});
  pass(15min);
  EXPECT_EQ(told, (Lines{"failing a", "failing b"}));
}

TEST_F(AlertingTest, Begins_no_more_problems_than_it_can_hold) {
  for (std::size_t i = 0; i <= alert_limits::problems_max; ++i) {
    auto made = finding(std::to_string(i), "s" + std::to_string(i));
    made.over = false;
    book.find(made, now);
  }
  EXPECT_EQ(book.problems().size(), alert_limits::problems_max);
}

}  // namespace
}  // namespace postern
