// Stories of event rules over a night in which the clock changes, with deaths in its middle.
#include "sim/watched.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

struct Night {
  const char *begin, *end;            // of the story: something fails every half hour of it
  std::array<const char*, 3> deaths;  // just after a failure, before anybody was told
  std::size_t told;
};

void live_through(std::uint64_t seed, const Night& night) {
  Watched watched(seed);
  auto& stage = watched.stage;
  stage.world.jump_wall_clock(*parse_rfc3339(night.begin) - stage.world.now());
  watched.add_rule(R"({"name":"night","when":{"kinds":["imap.*"],"time_zone":"Europe/Berlin",
      "time_of_day":{"from":"22:00","to":"06:00"}},
      "then":[{"type":"webhook","url":"http://alerts.test/"}],"max_frequency_s":900})");
  for (auto at = *parse_rfc3339(night.begin); at <= *parse_rfc3339(night.end); at += 30min) {
    stage.run_for(at - stage.world.now());
    watched.fail(1);
    for (const auto* death : night.deaths) {
      if (at == *parse_rfc3339(death)) stage.restart();
    }
    // A minute is enough; another death while nothing is under way.
    stage.run_for(1min);
    if (at == *parse_rfc3339(night.deaths[1])) stage.restart();
  }

  EXPECT_EQ(watched.alerts.calls.size(), night.told) << night.begin;
  std::set<std::string> ids;
  for (const auto& call : watched.alerts.calls) {
    ids.insert(call.headers.at("webhook-id"));
    EXPECT_EQ(call.json().at("data").at("held_back").as_int64(), 0);
  }
  EXPECT_EQ(ids.size(), night.told);
  stage.stop();
}

TEST(EventRulesOverRestarts, Hold_to_the_long_night_in_which_an_hour_comes_twice) {
  // 22:00 is at 20:00 UTC in summer time, 06:00 at 05:00 UTC in winter time; 02:00 to 03:00 comes
  // twice, from 00:00 to 02:00 UTC.
  live_through(71, {"2026-10-24T18:00:00Z",
                    "2026-10-25T07:00:00Z",
                    {"2026-10-24T20:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
                    18});
}

TEST(EventRulesOverRestarts, Hold_to_the_short_night_in_which_an_hour_is_left_out) {
  live_through(72, {"2027-03-27T18:00:00Z",
                    "2027-03-28T06:00:00Z",
                    {"2027-03-27T20:30:00Z", "2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z"},
                    14});
}

}  // namespace
}  // namespace postern::sim
