// Problems, notices, silences and settings as rows.
#include "unit/storage/kit.hpp"

#include <boost/json/object.hpp>

namespace postern::storage {
namespace {

class ProblemRows : public StoreTest {
 protected:
  Problems& problems() { return store_->problems(); }
  static Problem problem(const std::string& title) {
    Problem made;
    made.key.direction = "incoming";
    made.key.subject = title;
    made.kind = "imap.connection_failed";
    made.title = title;
    made.state = ProblemState::open;
    made.since = made.changed = at(100);
    made.turns = {at(100)};
    return made;
  }
  static AlertChanges changes(const std::vector<Problem>& of) {
    AlertChanges made;
    made.problems = of;
    return made;
  }
};

TEST_F(ProblemRows, Are_kept_with_their_notices_events_and_the_place_in_the_log) {
  auto made = changes({problem("a"), problem("b")});
  NewNotice notice;
  notice.at = at(101);
  notice.problems = {made.problems[0].key, made.problems[1].key};
  notice.subject = "FAILING";
  notice.thread = "t";
  made.notices = {notice};
  NewEvent event;
  event.kind = "integration.stale";
  made.events = {event};
  made.consumer = "monitor";
  made.last = EventId{5};

  const auto kept = good(problems().keep(made));
  reopen();

  EXPECT_EQ(kept.ids.size(), 2U);
  EXPECT_EQ(good(problems().recent(at(0))).size(), 2U);
  EXPECT_EQ(good(store_->events().cursor("monitor")), EventId{5});
  const auto due = good(problems().due_notices(10));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].problems.size(), 2U);
  EXPECT_FALSE(good(problems().was_told("t")));
  good(problems().notice_done(due[0].id, "sent", 1, {}));
  EXPECT_TRUE(good(problems().due_notices(10)).empty());
  EXPECT_TRUE(good(problems().was_told("t")));
}

TEST_F(ProblemRows, Change_in_place_and_leave_the_list_when_they_are_closed) {
  const auto kept = good(problems().keep(changes({problem("a")})));
  auto closed = problem("a");
  closed.id = kept.ids.begin()->second;
  closed.state = ProblemState::closed;
  closed.changed = at(200);
  good(problems().keep(changes({closed})));

  EXPECT_TRUE(good(problems().list({}, {})).items.empty());
  ProblemFilter filter;
  filter.state = ProblemState::closed;
  const auto page = good(problems().list(filter, {}));
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items[0].title, "a");
  EXPECT_EQ(page.items[0].turns, std::vector<Instant>{at(100)});
  EXPECT_EQ(good(problems().recent(at(150))).size(), 1U);
  EXPECT_TRUE(good(problems().recent(at(250))).empty());
  good(problems().forget(at(250)));
  EXPECT_EQ(failure(problems().get(closed.id)), errc::not_found);
}

TEST_F(ProblemRows, Silences_change_only_from_the_version_that_was_seen) {
  Silence silence;
  silence.reason = "moving";
  silence.until = at(500);
  auto stored = good(store_->silences().create(silence, "ann", at(1)));
  silence.id = stored.value.id;
  silence.reason = "moved";

  EXPECT_EQ(failure(store_->silences().replace(silence, 4, "ann", at(2))), errc::version_mismatch);
  stored = good(store_->silences().replace(silence, 1, "bob", at(2)));
  EXPECT_EQ(stored.value.reason, "moved");
  EXPECT_EQ(stored.value.until, at(500));
  EXPECT_EQ(good(store_->silences().list()).size(), 1U);
  EXPECT_EQ(failure(store_->silences().remove(silence.id, 1)), errc::version_mismatch);
  good(store_->silences().remove(silence.id, 2));
  EXPECT_EQ(failure(store_->silences().get(silence.id)), errc::not_found);
}

TEST_F(ProblemRows, Settings_hold_what_was_changed) {
  EXPECT_EQ(good(store_->settings().get()).version, 0U);
  boost::json::object changed;
  changed["monitoring"] = boost::json::object{{"notify_after", 5}};

  good(store_->settings().replace(changed, 0, "ann", at(1)));
  reopen();

  const auto stored = good(store_->settings().get());
  EXPECT_EQ(stored.changed, changed);
  EXPECT_EQ(stored.modified_by, "ann");
  EXPECT_EQ(failure(store_->settings().replace({}, 0, "bob", at(2))), errc::version_mismatch);
}

}  // namespace
}  // namespace postern::storage
