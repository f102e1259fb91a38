// RouteBook: all rules, compiled once, with the targets there are; asked for each mail where it
// goes.
//
// Immutable: a change of a rule or a target makes another book (storage/rules.hpp keeps the present
// one), and what was handed over by the former stays as it is.
#pragma once

#include "core/routing.hpp"
#include "core/rule.hpp"
#include "core/rule_condition.hpp"
#include "core/target.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern {

constexpr std::size_t rules_max = 500;

class RouteBook {
 public:
  /// `rules` in their order. A rule whose condition can't be read any more matches nothing, and
  /// its trace says so.
  RouteBook(std::vector<Rule> rules, std::vector<Target> targets);
  RouteBook(RouteBook&&) = default;

  /// `ignored`: by the integration's lists, which come before every rule.
  ///
  /// Without enabled rules: every enabled target. Where rules matched with targets: those that are
  /// enabled. Else, and when none of those is there any more: the enabled targets with `fallback`.
  Routing route(const MailFacts& facts, const std::optional<std::string>& ignored) const;

  /// Whether a rule compares with the time a mail came, which costs a look at its row.
  bool asks_for_time() const { return asks_for_time_; }

 private:
  struct Compiled {
    Rule rule;
    std::optional<RuleCondition> condition;
  };
  RuleTrace ask(const Compiled& each, const MailFacts& facts) const;
  void add_targets(const RuleActions& actions, Routing& routing, bool& named) const;

  std::vector<Compiled> rules_;
  std::vector<Target> targets_;
  bool any_enabled_ = false, asks_for_time_ = false;
};

}  // namespace postern
