// The contract's words of rules' fields and operators.
#pragma once

#include "core/json_fields.hpp"
#include "core/rule_condition.hpp"

#include <string_view>

namespace postern::words {

inline constexpr Choice<RuleOp> rule_op[] = {
    {"contains", RuleOp::contains}, {"equals", RuleOp::equals}, {"wildcard", RuleOp::wildcard},
    {"regex", RuleOp::regex},       {"gt", RuleOp::gt},         {"lt", RuleOp::lt}};

/// header stands as "header:NAME" in JSON.
inline constexpr Choice<RuleField> rule_field[] = {{"from", RuleField::from},
                                                   {"to", RuleField::to},
                                                   {"cc", RuleField::cc},
                                                   {"recipient", RuleField::recipient},
                                                   {"subject", RuleField::subject},
                                                   {"body", RuleField::body},
                                                   {"attachment.name", RuleField::attachment_name},
                                                   {"attachment.type", RuleField::attachment_type},
                                                   {"size", RuleField::size},
                                                   {"class", RuleField::mail_class},
                                                   {"subaddress", RuleField::subaddress},
                                                   {"integration", RuleField::integration},
                                                   {"time", RuleField::time},
                                                   {"thread", RuleField::thread},
                                                   {"reference", RuleField::reference}};

inline constexpr std::string_view header_prefix = "header:";

inline std::string_view of(RuleField field) {
  for (const auto& each : rule_field) {
    if (each.value == field) return each.word;
  }
  return "header";
}

/// How a reason says it: "contains", "does not contain".
inline std::string_view said(RuleOp op, bool answer) {
  switch (op) {
    case RuleOp::contains:
      return answer ? "contains" : "does not contain";
    case RuleOp::equals:
      return answer ? "is" : "is not";
    case RuleOp::wildcard:
    case RuleOp::regex:
      return answer ? "matches" : "does not match";
    case RuleOp::gt:
      return answer ? "is over" : "is not over";
    case RuleOp::lt:
      return answer ? "is under" : "is not under";
  }
  return "";
}

}  // namespace postern::words
