// The dead man's ping: an URL elsewhere is called as long as Postern works, so that its silence is
// noticed even when nothing here can tell of it any more. healthchecks, Uptime Kuma and others wait
// for such calls.
#pragma once

#include "flows/context.hpp"

namespace postern::flows {

/// Until cancelled; returns at once without [monitoring] ping_url. Only what can be stored is
/// alive: a ping is left out while the store refuses to write.
net::Task<void> keep_pinging(Context& context);

}  // namespace postern::flows
