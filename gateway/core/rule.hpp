// A routing rule: which mail it is about, and what becomes of that. Names are those of the
// contract's JSON. The condition stays JSON here, checked; rule_condition.hpp compiles it.
#pragma once

#include "core/ids.hpp"
#include "core/problems.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern {

struct RuleTag {
  static constexpr std::string_view prefix = "rul";
};
using RuleId = Id<RuleTag>;

constexpr std::size_t rule_name_bytes_max = 200;
constexpr std::size_t rule_targets_max = 100;
constexpr std::size_t rule_scope_max = 10000;
constexpr std::size_t rule_attributes_max = 100;
constexpr std::size_t rule_attribute_bytes_max = 1000;
constexpr std::size_t rule_tags_max = 50;
constexpr std::size_t rule_tag_bytes_max = 100;

struct RuleActions {
  std::vector<std::string> targets;  // ids; a caller of the API may have given names
  boost::json::object attributes;    // texts, numbers, true and false
  std::vector<std::string> tags;
  boost::json::value priority;        // a word or a number; null: none is set
  std::optional<std::string> ignore;  // the reason
  // Present: yes. The text is the reason, or empty when none was given.
  std::optional<std::string> hold, quarantine;
};

struct Rule {
  RuleId id;
  std::string name;
  bool enabled = true;
  std::optional<std::vector<std::string>>
      scope;                     // ids of integrations; nothing: all, also new ones
  boost::json::value condition;  // null: every mail
  RuleActions actions;
  bool stop = false;  // when it matches, later rules are not asked
  std::optional<std::int64_t> position;
};

/// `id` only when there is one. Reading it back gives an equal value.
boost::json::object to_json(const Rule& rule);

/// Reads the contract's object, every mistake at once; the condition's too. Read-only fields are
/// accepted and ignored.
std::variant<Rule, FieldProblems> parse_rule(const boost::json::value& json);

}  // namespace postern
