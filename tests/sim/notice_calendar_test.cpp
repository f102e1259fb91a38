// Stories of what is told by the day: the digest of what is wrong, and the test of each way.
#include "core/profile.hpp"
#include "flows/hub.hpp"
#include "sim/duty.hpp"
#include "sim/played_alerts.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

void set(Duty& duty, std::string_view text) {
  auto& life = *duty.stage.gateway;
  life.ask(life.store().settings().replace(boost::json::parse(text).as_object(), std::nullopt,
                                           "story", duty.stage.world.now()));
  life.hub().monitoring_changed();
}

std::ptrdiff_t count(const Lines& lines, const char* word) {
  return std::count(lines.begin(), lines.end(), word);
}

TEST(NoticeCalendar, Tells_once_a_day_what_is_wrong_over_a_restart_at_its_hour) {
  Duty duty(401);
  duty.stage.start();  // 2026-01-01 00:00 UTC
  set(duty, R"({"notices":{"digest_at":"08:00","time_zone":"Europe/Berlin"}})");
  const auto until = [&](const char* time) {
    duty.stage.run_for(*parse_rfc3339(time) - duty.stage.world.now());
  };
  until("2026-01-01T06:00:00Z");
  duty.down(*duty.anna);
  until("2026-01-01T06:58:00Z");
  EXPECT_EQ(count(told(*duty.post->smtp), "DIGEST"), 0);
  until("2026-01-01T07:02:00Z");
  ASSERT_EQ(count(told(*duty.post->smtp), "DIGEST"), 1);
  const auto& mail = duty.post->smtp->taken().back().bytes;
  EXPECT_NE(mail.find("anna (incoming)"), std::string::npos) << mail;
  EXPECT_EQ(mail.find("text/html"), std::string::npos) << "names and words are never markup";
  duty.stage.restart();
  until("2026-01-01T09:30:00Z");
  EXPECT_EQ(count(told(*duty.post->smtp), "DIGEST"), 1);

  // Nothing is wrong any more: nothing is told.
  duty.anna->imap->serve();
  duty.stage.set_enabled(*duty.anna, true);
  until("2026-01-02T09:30:00Z");
  EXPECT_EQ(count(told(*duty.post->smtp), "DIGEST"), 1);
  duty.stage.stop();
}

TEST(NoticeCalendar, Tells_that_all_is_well_where_that_is_wished) {
  Duty duty(402);
  duty.stage.start();
  // What was wished after its time begins on the next day.
  duty.stage.run_for(9h);
  set(duty, R"({"notices":{"digest_at":"08:00","digest_always":true}})");
  duty.stage.run_for(12h);
  EXPECT_EQ(count(told(*duty.post->smtp), "DIGEST"), 0);
  duty.stage.run_for(24h);
  EXPECT_EQ(told(*duty.post->smtp), Lines{"DIGEST"});
  const auto subject = field(duty.post->smtp->taken().back().bytes, "Subject");
  EXPECT_NE(subject.find("nothing is wrong"), std::string::npos) << subject;
  duty.stage.stop();
}

TEST(NoticeCalendar, Tests_each_way_on_its_day_and_makes_a_problem_of_one_that_fails) {
  Duty duty(403);
  PlayedAlerts alerts(duty.stage.world, "alerts.test");
  duty.stage.start();  // a Thursday
  auto read = parse_profile(boost::json::parse(R"({"name":"duty","channels":[
      {"type":"webhook","name":"chat","url":"http://alerts.test/chat"},
      {"type":"webhook","name":"phone","url":"http://nowhere.test/phone"}],
      "steps":[{"channels":["chat"]},{"after_s":1800,"channels":["phone"]}]})"));
  ASSERT_TRUE(std::holds_alternative<ProfileDraft>(read));
  auto made = duty.stage.gateway->store().profiles().create(std::get<ProfileDraft>(std::move(read)),
                                                            "story", duty.stage.world.now());
  const auto profile = duty.stage.gateway->ask(std::move(made)).value.id;
  set(duty,
      R"({"monitoring":{"profiles":[")" + profile.str() + R"("]},"notices":{"test_on":"mon"}})");
  duty.stage.run_for(*parse_rfc3339("2026-01-05T08:50:00Z") - duty.stage.world.now());
  EXPECT_TRUE(alerts.calls.empty());
  duty.stage.run_for(15min);
  duty.stage.restart();
  duty.stage.run_for(2h);

  const auto tests = std::count_if(alerts.calls.begin(), alerts.calls.end(), [](const auto& call) {
    return call.json().at("data").at("notice").as_string() == "test";
  });
  EXPECT_EQ(tests, 1);
  EXPECT_EQ(count(told(*duty.post->smtp), "TEST"), 1);
  const auto problems = duty.problems();
  EXPECT_TRUE(std::any_of(problems.begin(), problems.end(), [](const auto& each) {
    return each.key.of == ProblemClass::channel && each.key.subject == "duty: phone";
  }));
  duty.stage.stop();
}

}  // namespace
}  // namespace postern::sim
