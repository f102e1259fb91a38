// Event rules, their runs, the frequency limit, and profiles.
#include "unit/storage/kit.hpp"

#include <boost/json/parse.hpp>

namespace postern::storage {
namespace {

using namespace std::chrono_literals;

EventRuleDraft draft(std::string_view then, std::string name = "r") {
  const auto text = R"({"name":")" + name + R"(","when":{},"then":)" + std::string(then) + "}";
  return std::get<EventRuleDraft>(parse_event_rule(boost::json::parse(text)));
}

constexpr const char* log_file = R"([{"type":"log_file","path":"x.log"}])";

class EventRulesTest : public StoreTest {
 protected:
  EventRules& rules() { return store_->event_rules(); }

  EventRuleId make_rule(std::string_view then = log_file, std::string name = "r") {
    return good(rules().create(draft(then, std::move(name)), "ann", at(1))).value.id;
  }
  Firing firing(EventRuleId rule, Duration max_frequency, std::int64_t integration = 7) {
    Firing made;
    made.rule = rule;
    made.max_frequency = max_frequency;
    made.event.id.value = ++events_;
    made.event.kind = "imap.login_failed";
    made.event.integration.value = integration;
    made.event.at = at(events_);
    made.event.message = "event " + std::to_string(events_);
    made.event.data["x"] = 1;
    return made;
  }
  void fire(Firing one, Instant now) {
    std::vector<Firing> firings;
    const auto last = one.event.id;
    firings.push_back(std::move(one));
    good(rules().fire(std::move(firings), "event_rules", last, now));
  }
  std::vector<EventRun> all_runs() { return good(rules().runs(std::nullopt, {})).items; }

  std::int64_t events_ = 0;
};

TEST_F(EventRulesTest, Are_kept_with_their_secrets_sealed) {
  auto given = draft(R"([{"type":"webhook","url":"https://a.example/x"},
      {"type":"web_page","url":"https://b.example/?k={{secret}}","secret":"s3cret"},
      {"type":"log_file","path":"x.log"}])");
  const auto id = good(rules().create(std::move(given), "ann", at(5))).value.id;
  reopen();

  const auto stored = good(rules().find("r"));
  const auto secrets = good(rules().secrets(id));

  EXPECT_EQ(stored.value.id, id);
  EXPECT_EQ(stored.version, 1U);
  EXPECT_EQ(stored.modified_by, "ann");
  ASSERT_EQ(stored.value.then.size(), 3U);
  EXPECT_TRUE(stored.value.then[0].secret_set);
  EXPECT_TRUE(stored.value.then[1].secret_set);
  EXPECT_FALSE(stored.value.then[2].secret_set);
  EXPECT_TRUE(secrets.at(0).reveal().starts_with("whsec_"));
  EXPECT_EQ(secrets.at(1).reveal(), "s3cret");
  EXPECT_TRUE(secrets.at(2).empty());
}

TEST_F(EventRulesTest, A_secret_stays_with_its_host_and_never_moves_to_another) {
  auto given = draft(R"([{"type":"web_page","url":"https://b.example/","secret":"s3cret"}])");
  const auto id = good(rules().create(std::move(given), "ann", at(5))).value.id;

  good(rules().replace(id, draft(R"([{"type":"log_file","path":"x.log"},
      {"type":"web_page","url":"https://b.example/other?k={{secret}}"}])"),
                       1, "bob", at(6)));
  const auto kept = good(rules().secrets(id));
  good(rules().replace(id, draft(R"([{"type":"web_page","url":"https://evil.example/"}])"), 2,
                       "bob", at(7)));
  const auto moved = good(rules().secrets(id));

  EXPECT_TRUE(kept.at(0).empty());
  EXPECT_EQ(kept.at(1).reveal(), "s3cret");
  EXPECT_TRUE(moved.at(0).empty());
}

TEST_F(EventRulesTest, Change_only_from_the_version_that_was_seen) {
  const auto id = make_rule();
  make_rule(log_file, "other");

  EXPECT_EQ(failure(rules().create(draft(log_file), "ann", at(2))), errc::name_taken);
  EXPECT_EQ(failure(rules().replace(id, draft(log_file), 4, "bob", at(3))), errc::version_mismatch);
  EXPECT_EQ(failure(rules().replace(id, draft(log_file, "other"), 1, "bob", at(3))),
            errc::name_taken);
  EXPECT_EQ(failure(rules().remove(id, 2)), errc::version_mismatch);
  const auto before = rules().changes();
  good(rules().remove(id, 1));
  EXPECT_NE(rules().changes(), before);
  EXPECT_EQ(failure(rules().find("r")), errc::not_found);
}

TEST_F(EventRulesTest, A_hundred_events_are_one_run_and_then_ninety_nine_more) {
  const auto rule = make_rule();
  for (int i = 0; i < 50; ++i) fire(firing(rule, 15min), at(1000 + i));
  reopen();  // in the middle
  for (int i = 50; i < 100; ++i) fire(firing(rule, 15min), at(1000 + i));

  ASSERT_EQ(all_runs().size(), 1U);
  EXPECT_EQ(all_runs().front().held_back, 0U);
  const auto free_at = good(rules().release(at(1200)));
  EXPECT_EQ(free_at, at(1000) + 15min);
  EXPECT_EQ(all_runs().size(), 1U);

  EXPECT_EQ(good(rules().release(at(1000) + 15min)), std::nullopt);
  const auto runs = all_runs();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs.front().held_back, 99U);
  EXPECT_EQ(runs.front().held_back_since, at(2));
  EXPECT_EQ(runs.front().event.message, "event 100");
  EXPECT_EQ(good(rules().find("r")).status.times_fired, 2U);
}

TEST_F(EventRulesTest, The_limit_holds_for_each_rule_and_integration_by_itself) {
  const auto one = make_rule(log_file, "one");
  const auto two = make_rule(log_file, "two");
  fire(firing(one, 15min, 7), at(1000));
  fire(firing(one, 15min, 8), at(1001));
  fire(firing(two, 15min, 7), at(1002));
  fire(firing(one, 15min, 7), at(1003));
  fire(firing(two, 0min, 7), at(1004));

  EXPECT_EQ(all_runs().size(), 4U);
}

TEST_F(EventRulesTest, A_clock_that_is_set_back_silences_nobody) {
  const auto rule = make_rule();
  fire(firing(rule, 15min), at(1000000));
  fire(firing(rule, 15min), at(1000001));
  fire(firing(rule, 15min), at(500000));

  const auto runs = all_runs();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs.front().held_back, 1U);
}

TEST_F(EventRulesTest, A_release_after_a_clock_was_set_back_tells_what_is_held) {
  const auto rule = make_rule();
  fire(firing(rule, 15min), at(1000000));
  fire(firing(rule, 15min), at(1000001));

  good(rules().release(at(500000)));

  EXPECT_EQ(all_runs().size(), 2U);
}

TEST_F(EventRulesTest, Runs_are_due_tried_and_ended) {
  const auto rule = make_rule();
  fire(firing(rule, 0min), at(1000));
  const auto due = good(rules().due(at(1000), 10));
  ASSERT_EQ(due.size(), 1U);
  RunAttempt later;
  later.state = RunState::waiting;
  later.at = at(1001);
  later.due = at(1060);
  later.error = "refused";
  good(rules().record_attempt(due[0].id, later, {}));
  EXPECT_TRUE(good(rules().due(at(1059), 10)).empty());
  EXPECT_EQ(good(rules().next_due()), at(1060));

  const auto again = good(rules().due(at(1060), 10));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempts, 1);
  EXPECT_EQ(again[0].event.data.at("x").as_int64(), 1);
  RunAttempt done;
  done.at = at(1061);
  done.status = 204;
  NewEvent event;
  event.kind = "event_rule.action_recovered";
  event.at = at(1061);
  std::vector<NewEvent> events;
  events.push_back(event);
  good(rules().record_attempt(due[0].id, done, events));

  const auto ended = all_runs().front();
  EXPECT_EQ(ended.state, RunState::done);
  EXPECT_EQ(ended.attempts, 2);
  EXPECT_EQ(ended.ended_at, at(1061));
  EXPECT_EQ(good(rules().find("r")).status.last_result, "done");
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1U);
  EXPECT_EQ(failure(rules().record_attempt(due[0].id, done, {})), errc::wrong_state);
}

TEST_F(EventRulesTest, Tell_how_the_run_before_went) {
  const auto rule = make_rule();
  const auto end = [&](RunState state, std::int64_t when) {
    fire(firing(rule, 0min), at(when));
    const auto run = all_runs().front();
    const auto before = good(rules().went_well_before(run.id));
    RunAttempt attempt;
    attempt.state = state;
    attempt.at = at(when);
    good(rules().record_attempt(run.id, attempt, {}));
    return before;
  };
  EXPECT_EQ(end(RunState::failed, 10), std::nullopt);
  EXPECT_EQ(end(RunState::done, 11), std::optional(false));
  EXPECT_EQ(end(RunState::dropped, 12), std::optional(true));
  EXPECT_EQ(end(RunState::done, 13), std::optional(true));
}

TEST_F(EventRulesTest, Keep_no_more_ended_runs_than_the_limit) {
  const auto rule = make_rule();
  std::vector<Firing> firings;
  for (int i = 0; i < event_runs_kept + 20; ++i) firings.push_back(firing(rule, 0min));
  good(rules().fire(std::move(firings), "event_rules", EventId{1}, at(10)));
  RunAttempt done;
  done.at = at(11);
  for (const auto& run : good(rules().due(at(11), 1000))) {
    good(rules().record_attempt(run.id, done, {}));
  }

  PageRequest page;
  page.limit = 500;
  const auto first = good(rules().runs(rule, page));
  page.cursor = first.next_cursor;
  EXPECT_EQ(first.items.size(), static_cast<std::size_t>(event_runs_kept));
  EXPECT_TRUE(first.next_cursor.empty() || good(rules().runs(rule, page)).items.empty());
}

TEST_F(EventRulesTest, What_waits_for_an_action_that_is_gone_is_dropped) {
  const auto rule = make_rule(R"([{"type":"log_file","path":"a"},{"type":"log_file","path":"b"}])");
  auto second = firing(rule, 15min);
  second.action = 1;
  fire(second, at(10));

  good(rules().replace(rule, draft(log_file), std::nullopt, "bob", at(11)));

  EXPECT_EQ(all_runs().front().state, RunState::dropped);
  EXPECT_TRUE(good(rules().due(at(100), 10)).empty());
}

TEST_F(EventRulesTest, A_firing_of_a_rule_that_is_gone_is_passed_over) {
  const auto rule = make_rule();
  good(rules().remove(rule, std::nullopt));

  fire(firing(rule, 0min), at(10));

  EXPECT_TRUE(all_runs().empty());
}

TEST_F(EventRulesTest, A_profile_in_use_is_not_removed) {
  const auto json = boost::json::parse(
      R"({"name":"duty","channels":[{"type":"webhook","url":"https://x.example/"}]})");
  const auto profile =
      good(store_->profiles().create(std::get<ProfileDraft>(parse_profile(json)), "ann", at(1)));
  const auto id = profile.value.id;
  const auto rule = make_rule(R"([{"type":"profile","profile":")" + id.str() + "\"}]");

  EXPECT_TRUE(good(store_->profiles().secrets(id)).at(0).reveal().starts_with("whsec_"));
  EXPECT_EQ(failure(store_->profiles().remove(id, std::nullopt)), errc::wrong_state);
  good(rules().remove(rule, std::nullopt));
  good(store_->profiles().remove(id, 1));
  EXPECT_EQ(failure(store_->profiles().find("duty")), errc::not_found);
}

}  // namespace
}  // namespace postern::storage
