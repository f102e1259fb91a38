// What is done for grants and apps that nobody asks about: idle grants are refreshed before they
// die, and people are reminded of secrets that end.
#pragma once

#include "flows/context.hpp"

namespace postern::flows {

/// Until cancelled: every grant of a person is used once in limits::grant_idle_max.
net::Task<void> keep_grants(Context& context, TokenKeeper& keeper);

/// Until cancelled: an event 60, 30, 7 and 1 days before a secret or certificate ends.
net::Task<void> remind_of_secrets(Context& context);

/// The reminder that is due `days_left` before the end, when the last one was `reminded`; nothing:
/// none is.
std::optional<int> reminder_due(std::int64_t days_left, std::optional<int> reminded);

}  // namespace postern::flows
