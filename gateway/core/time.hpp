// The two clocks' types and the text form of an instant.
//
// Instant is wall time, for people and rows; it may jump. Waiting is done in Duration, on the
// steady clock behind net::Env, so that a jump loses no timer.
#pragma once

#include "core/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Duration>;

/// RFC 3339 in UTC with milliseconds, "2026-01-31T09:30:00.125Z".
std::string to_rfc3339(Instant at);

/// Parses what to_rfc3339 writes and any other RFC 3339 date-time (offsets, no fraction).
/// Nothing when the text is not one.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// Milliseconds since 1970, the form kept in rows.
constexpr std::int64_t to_milliseconds(Instant at) {
  return at.time_since_epoch().count();
}
constexpr Instant from_milliseconds(std::int64_t value) {
  return Instant(Duration(value));
}

}  // namespace postern
