// What the texts of event rules and profiles may name between {{ and }}, and its values for one
// event. An unknown name is a mistake when the rule is saved.
#pragma once

#include "core/event.hpp"
#include "core/template.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// Why a notice is sent, beside its event.
struct NoticeFacts {
  std::string rule_id, rule_name;
  std::string integration_name;
  std::uint64_t held_back = 0;  // events since the last notice that got none of their own
  std::optional<Instant> held_back_since;
  std::string public_url;  // without a slash at its end; empty: not known
};

/// In the order in which the documentation lists them.
std::span<const std::string_view> action_variable_names();

TemplateVariables action_variables(const Event& event, const NoticeFacts& facts);

/// "99 more since 2026-11-22T10:02:00Z", or nothing.
std::string held_back_text(const NoticeFacts& facts);

/// The texts of Postern's own.
std::string default_subject(const Event& event, const NoticeFacts& facts);
std::string default_text(const Event& event, const NoticeFacts& facts);

/// An event for previews and test calls.
Event sample_event(Instant now);

/// What an event tells of its mail: addresses, empty when it tells of none.
std::string event_from(const Event& event);
std::vector<std::string> event_recipients(const Event& event);

/// Whether `path` could leave the directory of logs, or names something odd.
bool log_path_problem(std::string_view path);

}  // namespace postern
