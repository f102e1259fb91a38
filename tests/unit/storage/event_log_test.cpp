// The event log as followed: what comes after a place, places that last, hints of what is new.
#include "storage/events.hpp"

#include "unit/storage/kit.hpp"

#include <atomic>

namespace postern::storage {
namespace {

class EventLogTest : public StoreTest {
 protected:
  Events& events() { return store_->events(); }
  void tell(const std::string& kind) {
    NewEvent event;
    event.kind = kind;
    event.at = at(5);
    std::vector<NewEvent> one;
    one.push_back(std::move(event));
    good(events().append(std::move(one)));
  }
};

TEST_F(EventLogTest, Come_oldest_first_after_a_place) {
  tell("a");
  tell("b");
  tell("c");

  const auto all = good(events().after(EventId{}, 10));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].kind, "a");
  EXPECT_EQ(good(events().newest()), all[2].id);
  const auto rest = good(events().after(all[0].id, 1));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].kind, "b");
}

TEST_F(EventLogTest, A_consumer_begins_at_the_end_and_keeps_its_place_over_restarts) {
  tell("old");
  const auto first = good(events().cursor("monitor"));
  tell("new");
  reopen();

  EXPECT_EQ(good(events().cursor("monitor")), first);
  const auto news = good(events().after(first, 10));
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].kind, "new");
  good(events().keep_cursor("monitor", news[0].id));
  reopen();
  EXPECT_EQ(good(events().cursor("monitor")), news[0].id);
  EXPECT_TRUE(good(events().after(news[0].id, 10)).empty());
}

TEST_F(EventLogTest, No_later_event_is_numbered_below_a_place_when_the_log_was_emptied) {
  Instant now = at(1'000'000);
  options_.now = [&now] { return now; };
  reopen();
  tell("first");
  const auto place = good(events().newest());
  good(events().keep_cursor("monitor", place));
  good(store_->retention().remove_events(at(2'000'000)));
  now = at(10);  // the clock is set back
  reopen();

  tell("second");

  EXPECT_GT(good(events().newest()), place);
}

TEST_F(EventLogTest, Those_who_watch_are_told_once_a_commit_until_they_go) {
  std::atomic<int> hints = 0;
  auto watching = events().watch([&hints] { ++hints; });

  make_integration();
  EXPECT_EQ(hints, 0);
  tell("a");
  EXPECT_EQ(hints, 1);
  watching.reset();
  tell("b");
  EXPECT_EQ(hints, 1);
}

}  // namespace
}  // namespace postern::storage
