#include "core/route_book.hpp"

#include <algorithm>

namespace postern {
namespace {

std::string reason_or_name(const std::string& reason, const Rule& rule) {
  return reason.empty() ? "by the rule \"" + rule.name + "\"" : reason;
}

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

void apply(const Rule& rule, Routing& routing) {
  const auto& actions = rule.actions;
  for (const auto& [key, value] : actions.attributes) routing.attributes[key] = value;
  for (const auto& tag : actions.tags) add_once(routing.tags, tag);
  if (!actions.priority.is_null()) routing.priority = actions.priority;
  if (actions.ignore && !routing.ignored) routing.ignored = *actions.ignore;
  if (actions.hold && !routing.held) routing.held = reason_or_name(*actions.hold, rule);
  if (actions.quarantine && !routing.quarantined) {
    routing.quarantined = reason_or_name(*actions.quarantine, rule);
  }
}

}  // namespace

RouteBook::RouteBook(std::vector<Rule> rules, std::vector<Target> targets)
    : targets_(std::move(targets)) {
  for (auto& rule : rules) {
    FieldProblems problems;
    auto condition = RuleCondition::parse(rule.condition, "/condition", problems);
    any_enabled_ = any_enabled_ || rule.enabled;
    asks_for_time_ = asks_for_time_ || (condition && condition->asks_for(RuleField::time));
    rules_.push_back({std::move(rule), std::move(condition)});
  }
}

RuleTrace RouteBook::ask(const Compiled& each, const MailFacts& facts) const {
  const auto& rule = each.rule;
  if (!rule.enabled) return {rule.name, false, "the rule is disabled"};
  if (rule.scope && std::ranges::find(*rule.scope, facts.integration.str()) == rule.scope->end()) {
    return {rule.name, false, "the rule is not for this integration"};
  }
  if (!each.condition) return {rule.name, false, "its condition can't be read; save it anew"};
  auto answer = each.condition->ask(facts);
  return {rule.name, answer.matched, std::move(answer.reason)};
}

void RouteBook::add_targets(const RuleActions& actions, Routing& routing, bool& named) const {
  for (const auto& target : targets_) {
    const auto is_it = [&](const std::string& word) {
      return word == target.id.str() || word == target.name;
    };
    if (std::ranges::none_of(actions.targets, is_it)) continue;
    if (!target.enabled) continue;
    named = true;
    if (std::ranges::find(routing.targets, target.id) == routing.targets.end()) {
      routing.targets.push_back(target.id);
    }
  }
}

Routing RouteBook::route(const MailFacts& facts, const std::optional<std::string>& ignored) const {
  Routing routing;
  bool named = false;
  if (ignored) {
    routing.ignored = *ignored;
    routing.trace.push_back({"ignore list", true, *ignored});
  }
  const Rule* stopped_by = nullptr;
  for (const auto& each : rules_) {
    if (ignored || stopped_by != nullptr) {
      const auto why = ignored ? std::string("the mail was ignored before")
                               : "the rule \"" + stopped_by->name + "\" was the last";
      routing.trace.push_back({each.rule.name, false, why});
      continue;
    }
    routing.trace.push_back(ask(each, facts));
    if (!routing.trace.back().matched) continue;
    apply(each.rule, routing);
    add_targets(each.rule.actions, routing, named);
    if (each.rule.stop) stopped_by = &each.rule;
  }
  if (!named) {
    for (const auto& target : targets_) {
      if (target.enabled && (!any_enabled_ || target.fallback))
        routing.targets.push_back(target.id);
    }
  }
  return routing;
}

}  // namespace postern
