// What the rules made of one mail: kept beside it, part of MESSAGE, and what /rules/try answers.
#pragma once

#include "core/ids.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace postern {

struct RuleTrace {
  std::string name;
  bool matched = false;
  std::string reason;
};

struct Routing {
  std::vector<RuleTrace> trace;
  boost::json::object attributes;
  std::vector<std::string> tags;
  boost::json::value priority;    // of the last rule that set one; null: none did
  std::vector<TargetId> targets;  // where it goes, or would go when it is let go
  // The reasons; one that came without is the rule's name. A mail is what comes last of these.
  std::optional<std::string> ignored, held, quarantined;

  bool goes_out() const { return !ignored && !held && !quarantined; }
  /// Why it does not go out; empty when it does.
  std::string why_not() const;
};

boost::json::array trace_json(const std::vector<RuleTrace>& trace);
/// All of it; targets as ids.
boost::json::object to_json(const Routing& routing);
/// What is missing or of another type is as if empty, since only our own JSON comes here.
Routing routing_from_json(const boost::json::object& json);

}  // namespace postern
