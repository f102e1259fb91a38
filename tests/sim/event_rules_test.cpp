// Stories of event rules: what they tell, how often, and what becomes of it when the world is not
// well.
#include "core/base64.hpp"
#include "net/hashing.hpp"
#include "sim/watched.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* fifteen_minutes = R"({"name":"r","when":{"kinds":["imap.*"]},
  "then":[{"type":"webhook","url":"http://alerts.test/hook"}],"max_frequency_s":900})";

TEST(EventRules, Tell_a_hundred_failures_once_and_then_that_there_were_ninety_nine_more) {
  Watched watched(1);
  watched.add_rule(fifteen_minutes);

  for (int i = 0; i < 100; ++i) {
    watched.fail(1);
    watched.stage.run_for(5s);
  }
  ASSERT_EQ(watched.alerts.calls.size(), 1U);
  watched.stage.run_for(10min);

  ASSERT_EQ(watched.alerts.calls.size(), 2U);
  const auto pause = watched.alerts.calls[1].at - watched.alerts.calls[0].at;
  EXPECT_GE(pause, 15min);
  EXPECT_LE(pause, 15min + 5s);
  EXPECT_EQ(watched.alerts.calls[1].json().at("data").at("held_back").as_int64(), 99);
  EXPECT_NE(watched.alerts.calls[1].body.find("99 more since"), std::string::npos);
  watched.stage.run_for(24h);
  EXPECT_EQ(watched.alerts.calls.size(), 2U);
  watched.stage.stop();
}

TEST(EventRules, Keep_the_count_over_a_death_in_the_middle) {
  Watched watched(2);
  watched.add_rule(fifteen_minutes);
  for (int i = 0; i < 50; ++i) watched.fail(1);
  watched.stage.run_for(1min);

  watched.stage.restart();
  for (int i = 0; i < 50; ++i) watched.fail(1);
  watched.stage.run_for(20min);

  ASSERT_EQ(watched.alerts.calls.size(), 2U);
  EXPECT_EQ(watched.alerts.calls[1].json().at("data").at("held_back").as_int64(), 99);
  watched.stage.stop();
}

TEST(EventRules, Neither_lose_nor_repeat_an_event_whatever_the_act_at_which_it_dies) {
  for (std::uint64_t act = 1; act <= 12; ++act) {
    Watched watched(act);
    watched.add_rule(R"({"name":"r","when":{"kinds":["imap.*"]},
      "then":[{"type":"webhook","url":"http://alerts.test/hook"}],"max_frequency_s":0})");
    watched.stage.run_for(1s);
    watched.fail(1);
    if (watched.stage.gateway->alive()) watched.stage.gateway->env().die_in_acts(act);
    watched.stage.run_for(10min);

    const auto runs = watched.runs();
    ASSERT_EQ(runs.size(), 1U) << "act " << act;
    EXPECT_EQ(runs.front().state, storage::RunState::done);
    ASSERT_GE(watched.alerts.calls.size(), 1U);
    for (const auto& call : watched.alerts.calls) {
      EXPECT_EQ(call.headers.at("webhook-id"), runs.front().id.str());
      EXPECT_EQ(call.body, watched.alerts.calls.front().body);
    }
    watched.stage.stop();
  }
}

TEST(EventRules, Sign_as_standard_webhooks_do) {
  Watched watched(3);
  const auto rule = watched.add_rule(fifteen_minutes);
  watched.fail(1);
  watched.stage.run_for(1s);

  ASSERT_EQ(watched.alerts.calls.size(), 1U);
  const auto& call = watched.alerts.calls.front();
  const auto secrets =
      watched.stage.gateway->ask(watched.stage.gateway->store().event_rules().secrets(rule));
  const auto key = from_base64(std::string(secrets.at(0).reveal()).substr(6));
  const auto content =
      call.headers.at("webhook-id") + "." + call.headers.at("webhook-timestamp") + "." + call.body;
  EXPECT_EQ(call.headers.at("webhook-signature"),
            "v1," + to_base64(net::hmac_sha256(key.value_or(""), content)));
  EXPECT_EQ(call.json().at("type").as_string(), "imap.login_failed");
  EXPECT_EQ(call.json().at("data").at("server").as_string(), "imap.example.com");
  watched.stage.stop();
}

TEST(EventRules, A_failing_action_stops_no_other_and_is_tried_again) {
  Watched watched(4);
  PlayedAlerts hanging(watched.stage.world, "hanging.test");
  hanging.hangs = true;
  watched.add_rule(R"({"name":"r","when":{"kinds":["imap.*"]},"then":[
      {"type":"web_page","url":"http://hanging.test/"},
      {"type":"web_page","url":"http://nowhere.test/"},
      {"type":"web_page","method":"POST","url":"http://alerts.test/x?m={{event.message}}&k=1",
       "body":"{\"m\":\"{{event.message}}\"}"}],"max_frequency_s":0})");
  watched.fail(1);
  watched.stage.run_for(5s);

  ASSERT_EQ(watched.alerts.calls.size(), 1U);
  EXPECT_EQ(watched.alerts.calls[0].line, "POST /x?m=it%20is%20%22broken%22&k=1 HTTP/1.1");
  EXPECT_EQ(watched.alerts.calls[0].json().at("m").as_string(), "it is \"broken\"");

  watched.stage.run_for(3h);
  EXPECT_EQ(hanging.calls.size(), 6U);  // one and five more, then it is given up
  const auto runs = watched.runs();
  ASSERT_EQ(runs.size(), 3U);
  int failed = 0;
  for (const auto& run : runs) failed += run.state == storage::RunState::failed ? 1 : 0;
  EXPECT_EQ(failed, 2);
  // Each action told once that it fails, however often it was tried.
  EXPECT_EQ(watched.stage.events("event_rule.action_failed").size(), 2U);
  watched.stage.stop();
}

TEST(EventRules, Tell_when_an_action_works_again_and_never_tell_of_themselves_without_end) {
  Watched watched(5);
  watched.alerts.answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
  watched.add_rule(R"({"name":"all","when":{"kinds":["*"]},
      "then":[{"type":"web_page","url":"http://alerts.test/all"}],"max_frequency_s":0})");
  watched.add_rule(R"({"name":"too","when":{"kinds":["*"]},
      "then":[{"type":"web_page","url":"http://alerts.test/too"}],"max_frequency_s":0})");
  watched.fail(1);
  watched.stage.run_for(24h);

  EXPECT_EQ(watched.stage.events("event_rule.action_failed").size(), 2U);
  EXPECT_LE(watched.runs().size(), 4U);

  watched.alerts.answer = "HTTP/1.1 204 No Content\r\n\r\n";
  watched.fail(1);
  watched.stage.run_for(1h);
  EXPECT_EQ(watched.stage.events("event_rule.action_recovered").size(), 2U);
  EXPECT_EQ(watched.stage.events("event_rule.action_failed").size(), 2U);
  watched.stage.stop();
}

TEST(EventRules, Have_the_patience_that_retry_after_asks_for) {
  Watched watched(6);
  watched.alerts.answer = "HTTP/1.1 429 Slow\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n";
  watched.add_rule(fifteen_minutes);
  watched.fail(1);
  watched.stage.run_for(1min);
  watched.alerts.answer = "HTTP/1.1 204 No Content\r\n\r\n";
  watched.stage.run_for(1h);

  ASSERT_EQ(watched.alerts.calls.size(), 2U);
  EXPECT_GE(watched.alerts.calls[1].at - watched.alerts.calls[0].at, 10min);
  watched.stage.stop();
}

TEST(EventRules, A_provider_may_refuse_and_is_not_asked_again) {
  Watched watched(7);
  watched.alerts.answer =
      "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n{\"accepted\":false,\"message\":\"unknown\"}";
  watched.add_rule(R"({"name":"r","when":{},"then":[
      {"type":"provider","url":"http://alerts.test/p"}],"max_frequency_s":0})");
  watched.fail(1);
  watched.stage.run_for(1h);

  ASSERT_EQ(watched.alerts.calls.size(), 1U);
  EXPECT_EQ(watched.alerts.calls[0].json().at("contract").as_string(), "postern.events/1");
  EXPECT_EQ(watched.alerts.calls[0].json().at("call").as_string(), "event");
  EXPECT_TRUE(watched.alerts.calls[0].headers.contains("webhook-signature"));
  ASSERT_EQ(watched.runs().size(), 1U);
  EXPECT_EQ(watched.runs()[0].state, storage::RunState::failed);
  EXPECT_NE(watched.runs()[0].error.find("did not accept it"), std::string::npos);
  watched.stage.stop();
}

TEST(EventRules, Hold_to_the_night_in_which_the_clock_changes) {
  Watched watched(8);
  watched.add_rule(R"({"name":"night","when":{"kinds":["imap.*"],"time_zone":"Europe/Berlin",
      "time_of_day":{"from":"22:00","to":"06:00"}},
      "then":[{"type":"web_page","url":"http://alerts.test/"}],"max_frequency_s":0})");
  // Every half hour of ten days around the change, told with the event's own time.
  const auto begin = *parse_rfc3339("2026-10-20T00:00:00Z");
  int nights = 0;
  std::vector<NewEvent> events;
  for (int i = 0; i < 480; ++i) {
    NewEvent event;
    event.kind = "imap.login_failed";
    event.at = begin + i * 30min;
    // Winter time, UTC+1, begins on 25 October at 01:00 UTC; before it is UTC+2.
    const auto local = event.at + (event.at < *parse_rfc3339("2026-10-25T01:00:00Z") ? 2h : 1h);
    const auto minute = std::chrono::floor<std::chrono::minutes>(local.time_since_epoch()) % 24h;
    nights += minute >= 22h || minute < 6h ? 1 : 0;
    events.push_back(std::move(event));
  }
  watched.stage.gateway->ask(watched.stage.gateway->store().events().append(std::move(events)));
  watched.stage.run_for(10min);

  EXPECT_EQ(watched.alerts.calls.size(), static_cast<std::size_t>(nights));
  EXPECT_EQ(nights, 8 + 9 * 16 + 2 + 6);
  watched.stage.stop();
}

TEST(EventRules, Are_deaf_to_what_was_before_them) {
  Watched watched(9);
  watched.fail(5);
  watched.add_rule(fifteen_minutes);
  watched.stage.run_for(1h);
  EXPECT_TRUE(watched.alerts.calls.empty());

  watched.fail(1);
  watched.stage.run_for(1s);
  EXPECT_EQ(watched.alerts.calls.size(), 1U);
  watched.stage.stop();
}

TEST(EventRules, A_rule_that_is_switched_off_drops_what_still_waits) {
  Watched watched(10);
  watched.alerts.answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
  const auto id = watched.add_rule(fifteen_minutes);
  watched.fail(1);
  watched.stage.run_for(2s);
  auto read = parse_event_rule(boost::json::parse(fifteen_minutes));
  auto& draft = std::get<EventRuleDraft>(read);
  draft.value.enabled = false;
  watched.stage.gateway->ask(watched.stage.gateway->store().event_rules().replace(
      id, draft, std::nullopt, "story", watched.stage.world.now()));
  watched.fail(3);
  watched.stage.run_for(1h);

  EXPECT_EQ(watched.alerts.calls.size(), 1U);
  ASSERT_EQ(watched.runs().size(), 1U);
  EXPECT_EQ(watched.runs()[0].state, storage::RunState::dropped);
  watched.stage.stop();
}

constexpr const char* duty = R"({"name":"duty","channels":[
  {"type":"webhook","name":"chat","url":"http://alerts.test/chat","format":"slack"},
  {"type":"sms","name":"phone","to":["+491","+492"],
   "url":"http://alerts.test/sms?to={{to}}&text={{text}}","method":"GET"}],
  "steps":[{"channels":["chat"]},{"after_s":1800,"channels":["phone"]}]})";

std::string rule_with(ProfileId profile) {
  return R"({"name":"r","when":{"kinds":["imap.login_failed"]},"then":[{"type":"profile",
    "profile":")" +
         profile.str() + "\"}]}";
}

TEST(Profiles, Go_on_to_the_next_step_as_long_as_nothing_is_settled) {
  Watched watched(11);
  watched.add_rule(rule_with(watched.add_profile(duty)));
  watched.fail(1);
  watched.stage.run_for(29min);
  ASSERT_EQ(watched.alerts.calls.size(), 1U);
  EXPECT_NE(watched.alerts.calls[0].json().at("text").as_string().find("imap.login_failed"),
            std::string::npos);
  watched.stage.restart();
  watched.stage.run_for(2min);

  ASSERT_EQ(watched.alerts.calls.size(), 3U);
  EXPECT_TRUE(watched.alerts.calls[1].line.starts_with("GET /sms?to=%2B491&text=%5BPostern%5D"));
  EXPECT_TRUE(watched.alerts.calls[2].line.starts_with("GET /sms?to=%2B492"));
  EXPECT_LE(watched.alerts.calls[1].line.size(), 3 * 160U + 50);
  watched.stage.stop();
}

TEST(Profiles, Stop_at_the_step_before_a_recovery) {
  Watched watched(12);
  watched.add_rule(rule_with(watched.add_profile(duty)));
  watched.fail(1);
  watched.stage.run_for(10min);
  watched.fail(1, 7, "imap.recovered");
  watched.stage.run_for(1h);

  EXPECT_EQ(watched.alerts.calls.size(), 1U);
  watched.stage.stop();
}

TEST(Profiles, Wait_for_the_end_of_the_quiet_hours) {
  Watched watched(13);
  const auto profile = watched.add_profile(R"({"name":"duty","channels":[
      {"type":"webhook","url":"http://alerts.test/chat"}],"quiet_hours":
      {"time_of_day":{"from":"00:00","to":"23:59"},"time_zone":"UTC"}})");
  watched.add_rule(rule_with(profile));
  watched.fail(1);
  watched.stage.run_for(24h);

  ASSERT_EQ(watched.alerts.calls.size(), 1U);
  Schedule minute;
  minute.time_of_day = Schedule::Range{std::chrono::minutes(23 * 60 + 59), std::chrono::minutes(0)};
  const auto told = watched.runs().front().ended_at;
  ASSERT_TRUE(told);
  EXPECT_TRUE(covers(minute, *told)) << to_rfc3339(*told);
  watched.stage.stop();
}

}  // namespace
}  // namespace postern::sim
