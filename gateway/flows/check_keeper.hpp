// The past checks over a restart: read at the start, kept once a minute and at the end. A crash
// costs the bars of the last minute, never a check's time or its errors: those are in the status.
#pragma once

#include "flows/context.hpp"

namespace postern::flows {

constexpr Duration checks_kept_every = std::chrono::minutes(1);

/// Before the first check of this run.
net::Task<void> restore_checks(Context& context);

/// Keeps what has changed. Trouble is told in the log.
net::Task<void> keep_checks(Context& context);

/// The same again and again, until cancelled.
net::Task<void> keep_keeping_checks(Context& context);

}  // namespace postern::flows
