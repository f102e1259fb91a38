// The book of past checks: bounded, and taken over from the run before.
#include "flows/check_book.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

Instant at(int second) {
  return from_milliseconds(1'790'000'000'000 + 1000 * std::int64_t{second});
}

TEST(CheckBook, What_was_kept_goes_before_what_was_noted_since) {
  CheckBook book;
  const IntegrationId one{1}, other{2};
  book.note(one, true, {at(3), false});

  book.restore({{one, {{{at(1), true}, {at(2), true}}, {}}}, {other, {{}, {{at(1), false}}}}});

  const auto past = book.past(one);
  ASSERT_EQ(3u, past.incoming.size());
  EXPECT_EQ(at(1), past.incoming.front().at);
  EXPECT_FALSE(past.incoming.back().ok);
  EXPECT_TRUE(past.outgoing.empty());
  EXPECT_EQ(1u, book.past(other).outgoing.size());
}

TEST(CheckBook, Remembers_the_last_of_each_direction_only) {
  CheckBook book;
  const IntegrationId id{1};
  CheckBook::Past kept;
  for (int i = 0; i < 30; ++i) kept.incoming.push_back({at(i), true});
  for (int i = 30; i < 50; ++i) book.note(id, true, {at(i), true});

  book.restore({{id, kept}});

  const auto past = book.past(id);
  ASSERT_EQ(CheckBook::checks_max, past.incoming.size());
  EXPECT_EQ(at(20), past.incoming.front().at);
  EXPECT_EQ(at(49), past.incoming.back().at);
}

TEST(CheckBook, Tells_once_what_has_changed_and_nothing_of_whom_it_forgot) {
  CheckBook book;
  const IntegrationId one{1}, other{2};
  book.note(one, true, {at(1), true});
  book.note(one, false, {at(2), true});
  book.note(other, true, {at(3), true});
  book.forget(other);

  const auto changed = book.changed();

  ASSERT_EQ(1u, changed.size());
  EXPECT_EQ(one, changed[0].first);
  EXPECT_EQ(1u, changed[0].second.outgoing.size());
  EXPECT_TRUE(book.changed().empty());
  EXPECT_TRUE(book.past(other).incoming.empty());
}

}  // namespace
}  // namespace postern::flows
