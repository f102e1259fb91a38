// Watched: a stage with event rules, profiles and the web server that they call; events are written
// into its log as if flows had told them.
#pragma once

#include "core/event_rule.hpp"
#include "core/profile.hpp"
#include "sim/played_alerts.hpp"
#include "sim/stage.hpp"

#include <boost/json/parse.hpp>

namespace postern::sim {

struct Watched {
  explicit Watched(std::uint64_t seed) : stage(seed), alerts(stage.world, "alerts.test") {
    stage.start();
  }

  EventRuleId add_rule(std::string_view text) {
    auto read = parse_event_rule(boost::json::parse(text));
    POSTERN_ASSERT(std::holds_alternative<EventRuleDraft>(read));
    return stage.gateway
        ->ask(stage.gateway->store().event_rules().create(std::get<EventRuleDraft>(std::move(read)),
                                                          "story", stage.world.now()))
        .value.id;
  }
  ProfileId add_profile(std::string_view text) {
    auto read = parse_profile(boost::json::parse(text));
    POSTERN_ASSERT(std::holds_alternative<ProfileDraft>(read));
    return stage.gateway
        ->ask(stage.gateway->store().profiles().create(std::get<ProfileDraft>(std::move(read)),
                                                       "story", stage.world.now()))
        .value.id;
  }
  void fail(int times, std::int64_t integration = 7, std::string kind = "imap.login_failed") {
    std::vector<NewEvent> events;
    for (int i = 0; i < times; ++i) {
      NewEvent event;
      event.kind = kind;
      event.integration.value = integration;
      event.at = stage.world.now();
      event.server = "imap.example.com";
      event.port = 993;
      event.security = "tls";
      event.message = "it is \"broken\"";
      events.push_back(std::move(event));
    }
    stage.gateway->ask(stage.gateway->store().events().append(std::move(events)));
  }
  std::vector<storage::EventRun> runs() {
    storage::PageRequest page;
    page.limit = 500;
    return stage.gateway->ask(stage.gateway->store().event_rules().runs(std::nullopt, page)).items;
  }

  Stage stage;
  PlayedAlerts alerts;
};

}  // namespace postern::sim
