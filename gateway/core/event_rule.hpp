// EventRule: when which events are told to whom: conditions on an event, and actions. Pure: what an
// event is worth is answered here, what is done about it in flows/event_actions.
#pragma once

#include "core/action.hpp"
#include "core/event.hpp"
#include "core/schedule.hpp"
#include "core/text_pattern.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern {

struct EventRuleTag {
  static constexpr std::string_view prefix = "evr";
};
struct EventRunTag {
  static constexpr std::string_view prefix = "run";
};
using EventRuleId = Id<EventRuleTag>;
using EventRunId = Id<EventRunTag>;

inline constexpr std::size_t event_rule_kinds_max = 100;
inline constexpr std::size_t event_rule_ports_max = 50;
inline constexpr std::size_t event_rule_integrations_max = 1000;
inline constexpr std::size_t event_rule_actions_max = 20;

/// How the connection is protected: one way of it, or (true) any, or (false) none.
enum class SslCondition { none, starttls, tls, any };

/// All that is given must hold; what is not given holds always.
struct EventCondition {
  std::vector<std::string> kinds;  // also groups; empty: every kind
  Schedule schedule;
  std::optional<TextPattern> server, login, from, recipient;
  std::vector<int> ports;  // empty: any
  std::optional<SslCondition> ssl;
  bool ssl_as_boolean = false;  // how it was given, and is shown
  /// Ids, as the store keeps them; names while they are read. Nothing: all, also future ones.
  std::optional<std::vector<std::string>> integrations;
};

struct EventRule {
  EventRuleId id;
  std::string name;
  bool enabled = true;
  EventCondition when;
  std::vector<Action> then;
  /// Nothing: that of [monitoring] max_frequency_s. 0: no limit.
  std::optional<std::chrono::seconds> max_frequency;
};

struct EventRuleDraft {
  EventRule value;
  std::vector<std::optional<Secret>> secrets;  // of the actions, in their order
};

/// One condition, looked at.
struct ConditionFinding {
  std::string field;  // as in `when`
  bool holds = false;
  std::string reason;  // a sentence: what was asked for, what was there
};

struct EventRuleMatch {
  bool matched = false;
  std::vector<ConditionFinding> findings;  // of those that are given
};

/// Whether the event sets the rule off, with a reason for each condition. A rule that is switched
/// off matches nothing; an event that tells of the rule's own failed action neither.
EventRuleMatch match(const EventRule& rule, const Event& event);

/// The contract's object; `id` only when there is one, secrets never. Reading it back gives an
/// equal value.
boost::json::object to_json(const EventRule& rule);

/// Reads the contract's object, every mistake at once. Read-only fields are accepted and ignored.
std::variant<EventRuleDraft, FieldProblems> parse_event_rule(const boost::json::value& json);

}  // namespace postern
