// The kinds of events there are, for whoever names one: a rule's condition, a filter of the log.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace postern {

/// The contract's list and what was added to it in its manner.
std::span<const std::string_view> event_kinds();

/// What is wrong with a kind, or a group of them ("imap.*", "*"), a sentence; empty: nothing.
std::string event_kind_problem(std::string_view kind);

/// Whether `kind` is `wanted`, or in the group that it names.
bool is_of_kind(std::string_view kind, std::string_view wanted);

/// Whether such an event means that its integration's own access fails, so that no mail of ours
/// should have to go by it.
bool tells_of_failing_access(std::string_view kind);

/// What a rule's failed action is told as; such an event never sets off the rule it tells of.
inline constexpr std::string_view action_failed_kind = "event_rule.action_failed";
inline constexpr std::string_view action_recovered_kind = "event_rule.action_recovered";

}  // namespace postern
