// The gate's rules, with time as a number: caps, outages, the spread of a start, whose turn it is.
#include "flows/gate_book.hpp"

#include "net/env.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;
using Ticket = GateBook::Ticket;
using Tickets = std::vector<Ticket>;

GateRequest request(int integration, const char* server = "imap.test:993") {
  GateRequest result;
  result.server = server;
  result.security = "tls";
  result.login = "user" + std::to_string(integration);
  result.integration = IntegrationId{integration};
  result.yields = true;
  return result;
}

GateFailure refused() {
  return {Error{net::errc::refused, "nobody there"}, "tcp"};
}

/// A server that is known to answer, as long as `ticket` stays or others wait for it.
void prove(GateBook& book, Ticket ticket, const char* server = "imap.test:993") {
  auto first = request(1000, server);
  first.in_haste = true;
  book.queue(ticket, first, 0ms);
  book.settle(0ms);
  book.answered(ticket);
}

TEST(Gate_book, Sends_one_try_to_a_server_that_is_not_known_to_answer) {
  GateBook book(GateLimits{});
  for (int i = 1; i <= 3; ++i) book.queue(static_cast<Ticket>(i), request(i), 0ms);

  EXPECT_EQ(book.settle(0ms).admitted, Tickets{1});
  EXPECT_TRUE(book.settle(10s).admitted.empty());

  book.answered(1);
  EXPECT_EQ(book.settle(10s).admitted, (Tickets{2, 3}));
}

TEST(Gate_book, Shares_the_failure_of_a_try_with_all_who_waited_for_it) {
  GateBook book(GateLimits{});
  for (int i = 1; i <= 3; ++i) book.queue(static_cast<Ticket>(i), request(i), 0ms);
  book.queue(4, request(4, "other.test:993"), 0ms);
  EXPECT_EQ(book.settle(0ms).admitted, (Tickets{1, 4}));

  book.failed(1, refused(), 200ms);
  const auto decisions = book.settle(200ms);

  ASSERT_EQ(decisions.turned_away.size(), 2U);
  EXPECT_EQ(decisions.turned_away[0].first, 2U);
  EXPECT_EQ(decisions.turned_away[1].first, 3U);
  EXPECT_EQ(decisions.turned_away[0].second.step, "tcp");
  EXPECT_EQ(decisions.turned_away[0].second.error.code, net::errc::refused);
  EXPECT_EQ(book.waiting(), 0U);
}

TEST(Gate_book, Tries_a_server_that_is_down_once_a_second_and_says_when_to_look_again) {
  GateBook book(GateLimits{});
  book.queue(1, request(1), 0ms);
  book.settle(0ms);
  book.failed(1, refused(), 100ms);
  book.leave(1, 100ms);
  book.queue(2, request(2), 0ms);

  const auto early = book.settle(300ms);
  EXPECT_TRUE(early.admitted.empty());
  EXPECT_EQ(early.look_again, 700ms);
  EXPECT_EQ(book.settle(1000ms).admitted, Tickets{2});
}

TEST(Gate_book, Keeps_the_outages_of_two_kinds_of_security_apart) {
  GateBook book(GateLimits{});
  auto wrong = request(1);
  wrong.security = "starttls";
  book.queue(1, wrong, 0ms);
  book.queue(2, request(2), 0ms);
  book.settle(0ms);

  book.failed(1, refused(), 50ms);

  EXPECT_TRUE(book.settle(50ms).turned_away.empty());
}

TEST(Gate_book, Looks_first_whether_a_server_that_broke_a_connection_is_still_there) {
  GateBook book(GateLimits{});
  prove(book, 1);
  for (int i = 2; i <= 4; ++i) book.queue(static_cast<Ticket>(i), request(i), 0ms);
  book.leave(1, 0ms);
  EXPECT_EQ(book.settle(0ms).admitted.size(), 3U);
  book.answered(2);

  book.lost(2);
  book.queue(5, request(5), 0ms);
  book.queue(6, request(6), 0ms);
  EXPECT_TRUE(book.settle(1s).admitted.empty()) << "3 and 4 are under way";
  book.leave(3, 1s);
  book.leave(4, 1s);

  EXPECT_EQ(book.settle(1s).admitted, Tickets{5});
}

TEST(Gate_book, Lets_those_in_haste_pass_whatever_holds_the_others) {
  GateLimits narrow;
  narrow.per_server = 1;
  GateBook book(narrow);
  book.queue(1, request(1), 0ms);
  book.settle(0ms);
  book.failed(1, refused(), 1ms);
  auto hasty = request(2);
  hasty.in_haste = true;
  book.queue(2, hasty, 0ms);
  EXPECT_EQ(book.settle(1ms).admitted, Tickets{2});

  book.queue(3, request(3), 0ms);
  EXPECT_TRUE(book.settle(2ms).admitted.empty());
  book.hasten(3);
  EXPECT_EQ(book.settle(2ms).admitted, Tickets{3});
}

TEST(Gate_book, Holds_the_caps_of_an_integration_and_of_a_server) {
  GateLimits narrow;
  narrow.per_integration = 2;
  narrow.per_server = 3;
  GateBook book(narrow);
  prove(book, 1);
  for (Ticket ticket = 2; ticket <= 4; ++ticket) book.queue(ticket, request(1), 0ms);
  for (Ticket ticket = 5; ticket <= 7; ++ticket)
    book.queue(ticket, request(static_cast<int>(ticket)), 0ms);
  book.leave(1, 0ms);

  EXPECT_EQ(book.settle(0ms).admitted, (Tickets{2, 3, 5}));
  book.leave(5, 5ms);
  EXPECT_EQ(book.settle(5ms).admitted, Tickets{6});
  book.leave(2, 6ms);
  EXPECT_EQ(book.settle(6ms).admitted, Tickets{4});
}

TEST(Gate_book, Asks_the_longest_seated_to_make_room_once_it_has_had_its_turn) {
  GateLimits narrow;
  narrow.per_server = 2;
  GateBook book(narrow);
  book.queue(1, request(1), 0ms);
  book.settle(0ms);
  book.answered(1);
  book.queue(2, request(2), 0ms);
  book.settle(5s);
  book.answered(2);
  book.queue(3, request(3), 0ms);

  const auto early = book.settle(10s);
  EXPECT_TRUE(early.asked_back.empty());
  EXPECT_EQ(early.look_again, 5s);
  EXPECT_EQ(book.settle(15s).asked_back, Tickets{1});
  EXPECT_TRUE(book.settle(16s).asked_back.empty()) << "one waits, one was asked";
  book.leave(1, 17s);
  EXPECT_EQ(book.settle(17s).admitted, Tickets{3});
}

TEST(Gate_book, Learns_how_many_connections_a_server_takes_and_forgets_it) {
  GateBook book(GateLimits{});
  prove(book, 1);
  for (int i = 2; i <= 6; ++i) book.queue(static_cast<Ticket>(i), request(i), 0ms);
  book.leave(1, 0ms);
  EXPECT_EQ(book.settle(0ms).admitted.size(), 5U);
  for (Ticket ticket = 2; ticket <= 6; ++ticket) book.answered(ticket);

  book.limited(5, false, 1s);
  book.leave(5, 1s);
  book.limited(6, false, 1s);
  book.leave(6, 1s);
  book.queue(7, request(5), 0ms);
  book.queue(8, request(6), 0ms);

  EXPECT_TRUE(book.settle(14s).admitted.empty()) << "three are open";
  EXPECT_EQ(book.settle(15s).asked_back, (Tickets{2, 3}));
  book.leave(2, 16s);
  EXPECT_TRUE(book.settle(16s).admitted.empty()) << "the server may not have noticed yet";
  EXPECT_EQ(book.settle(17s).admitted, Tickets{7});
  EXPECT_EQ(book.settle(1s + limits::learned_cap).admitted, Tickets{8}) << "forgotten";
}

TEST(Gate_book, Remembers_a_limit_for_longer_each_time_that_it_is_met_again) {
  GateBook book(GateLimits{});
  prove(book, 1);
  Duration now{0};
  Ticket next = 2;
  for (auto kept = limits::learned_cap; kept < 8 * limits::learned_cap; kept *= 2) {
    book.queue(next, request(1000), now);
    ASSERT_EQ(book.settle(now).admitted, Tickets{next}) << now.count();
    book.limited(next, true, now);
    EXPECT_TRUE(book.takes_turns(next));
    book.leave(next++, now);

    book.queue(next, request(1000), now);
    EXPECT_TRUE(book.settle(now + kept - 1ms).admitted.empty()) << kept.count();
    book.leave(next++, now + kept);
    now += kept;
  }
}

TEST(Gate_book, Takes_no_turns_where_others_than_we_fill_the_server) {
  GateBook book(GateLimits{});
  book.queue(1, request(1), 0ms);
  book.settle(0ms);
  book.answered(1);
  book.limited(1, true, 1s);
  EXPECT_FALSE(book.takes_turns(1));
}

TEST(Gate_book, Learns_a_logins_limit_without_holding_up_other_logins) {
  GateBook book(GateLimits{});
  prove(book, 1);
  book.queue(2, request(2), 0ms);
  book.queue(3, request(2), 0ms);
  book.settle(0ms);
  book.limited(3, true, 1s);
  book.leave(3, 1s);
  book.queue(4, request(2), 0ms);
  book.queue(5, request(5), 0ms);

  book.answered(2);

  EXPECT_EQ(book.settle(10s).admitted, Tickets{5});
}

TEST(Gate_book, Spreads_a_start_over_time_with_the_least_recently_checked_first) {
  GateBook book(GateLimits{});
  for (int i = 1; i <= 1000; ++i) {
    const auto server = "imap" + std::to_string(i) + ".test:993";
    auto one = request(i, server.c_str());
    one.last_check = Instant(Duration(5000 - i));
    book.queue(static_cast<Ticket>(i), one, 0ms);
  }
  Tickets order;
  Duration now{0};
  std::map<std::int64_t, int> a_second;
  while (order.size() < 1000 && now < 60s) {
    const auto decisions = book.settle(now);
    for (const auto ticket : decisions.admitted) {
      order.push_back(ticket);
      ++a_second[now.count() / 1000];
      book.answered(ticket);
    }
    if (order.size() < 1000) now += decisions.look_again;
  }

  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(order.rbegin(), order.rend()));
  // The first second's worth is there at once.
  EXPECT_EQ(now, std::chrono::seconds(1000 / limits::connects_per_second - 1));
  for (const auto& [second, count] : a_second) {
    EXPECT_LE(count, second == 0 ? 2 * limits::connects_per_second : limits::connects_per_second);
  }
}

TEST(Gate_book, Has_at_most_so_many_connects_under_way_to_one_server) {
  GateBook book(GateLimits{});
  prove(book, 1);
  for (int i = 2; i <= 41; ++i) book.queue(static_cast<Ticket>(i), request(i), 0ms);

  const auto first = book.settle(0ms).admitted;
  EXPECT_EQ(first.size(), static_cast<std::size_t>(limits::connects_under_way));
  for (const auto ticket : first) book.answered(ticket);
  EXPECT_EQ(book.settle(2s).admitted.size(), 20U);
}

TEST(Gate_book, Keeps_nothing_of_those_who_left) {
  GateBook book(GateLimits{});
  book.queue(1, request(1), 0ms);
  book.queue(2, request(2), 0ms);
  book.settle(0ms);

  book.leave(2, 1ms);
  book.leave(1, 1ms);

  EXPECT_EQ(book.seated(), 0U);
  EXPECT_EQ(book.waiting(), 0U);
  EXPECT_EQ(book.settle(2ms).look_again, 1h);
}

}  // namespace
}  // namespace postern::flows
