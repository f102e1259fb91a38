// See event_rule.hpp: matching.
#include "core/event_rule.hpp"

#include "core/action_variables.hpp"
#include "core/event_kinds.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern {
namespace {

class Matcher {
 public:
  explicit Matcher(const Event& event) : event_(event) {}

  void find(std::string field, bool holds, std::string reason) {
    result_.matched = result_.matched && holds;
    result_.findings.push_back({std::move(field), holds, std::move(reason)});
  }

  void look(const EventCondition& when) {
    look_at_kind(when);
    look_at_time(when.schedule);
    look_at_pattern("server", when.server, event_.server);
    look_at_port(when);
    look_at_pattern("login", when.login, event_.login);
    look_at_ssl(when);
    look_at_integration(when);
    if (when.from) look_at_pattern("from", when.from, event_from(event_));
    look_at_recipients(when);
  }

  EventRuleMatch take() { return std::move(result_); }

 private:
  void look_at_kind(const EventCondition& when) {
    if (when.kinds.empty()) return;
    const auto asked = [&](const std::string& each) { return is_of_kind(event_.kind, each); };
    find("kinds", std::ranges::any_of(when.kinds, asked),
         fmt::format("the event is {}; asked for: {}", event_.kind, fmt::join(when.kinds, ", ")));
  }

  void look_at_time(const Schedule& schedule) {
    if (schedule.always()) return;
    boost::json::object json;
    write_schedule(schedule, json);
    find(schedule.time_of_day ? "time_of_day" : "days", covers(schedule, event_.at),
         fmt::format("it happened at {}; asked for: {} on {}", wall_clock(schedule, event_.at),
                     boost::json::serialize(json["time_of_day"]),
                     boost::json::serialize(json["days"])));
  }

  void look_at_pattern(std::string field, const std::optional<TextPattern>& pattern,
                       const std::string& text) {
    if (!pattern) return;
    const bool holds = !text.empty() && pattern->matches(text);
    find(std::move(field), holds,
         fmt::format("the event tells {}; asked for: {}",
                     text.empty() ? "of none" : "\"" + text + "\"",
                     boost::json::serialize(pattern->json())));
  }

  void look_at_port(const EventCondition& when) {
    if (when.ports.empty()) return;
    find("port", std::ranges::find(when.ports, event_.port) != when.ports.end(),
         fmt::format("the port is {}; asked for: {}", event_.port, fmt::join(when.ports, ", ")));
  }

  void look_at_ssl(const EventCondition& when) {
    if (!when.ssl) return;
    const auto& security = event_.security;
    bool holds = false;
    switch (*when.ssl) {
      case SslCondition::none:
        holds = security == "none";
        break;
      case SslCondition::starttls:
        holds = security == "starttls";
        break;
      case SslCondition::tls:
        holds = security == "tls";
        break;
      case SslCondition::any:
        holds = security == "tls" || security == "starttls";
        break;
    }
    find("ssl", holds,
         fmt::format("the connection's security is {}", security.empty() ? "not told" : security));
  }

  void look_at_integration(const EventCondition& when) {
    if (!when.integrations) return;
    const auto id = event_.integration ? event_.integration.str() : std::string("none");
    find("integrations", std::ranges::find(*when.integrations, id) != when.integrations->end(),
         fmt::format("the event is of integration {}", id));
  }

  void look_at_recipients(const EventCondition& when) {
    if (!when.recipient) return;
    const auto recipients = event_recipients(event_);
    const auto hit = [&](const std::string& each) { return when.recipient->matches(each); };
    find("recipient", std::ranges::any_of(recipients, hit),
         fmt::format("the event's recipients: {}",
                     recipients.empty() ? std::string("none told")
                                        : fmt::format("{}", fmt::join(recipients, ", "))));
  }

  const Event& event_;
  EventRuleMatch result_{true, {}};
};

bool tells_of(const Event& event, EventRuleId rule) {
  if (event.kind != action_failed_kind && event.kind != action_recovered_kind) return false;
  const auto* id = event.data.if_contains("rule");
  return id != nullptr && id->is_string() && std::string_view(id->get_string()) == rule.str();
}

}  // namespace

EventRuleMatch match(const EventRule& rule, const Event& event) {
  Matcher matcher(event);
  if (!rule.enabled) matcher.find("enabled", false, "the rule is switched off");
  if (rule.id && tells_of(event, rule.id)) {
    matcher.find("kinds", false, "the event tells of an action of this very rule");
  }
  matcher.look(rule.when);
  return matcher.take();
}

}  // namespace postern
