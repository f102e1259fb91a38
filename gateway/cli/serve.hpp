// `postern serve`: builds the world from the configuration, runs it, takes it down on a signal.
#pragma once

#include "config/config.hpp"

namespace postern::cli {

/// Returns the exit code when SIGTERM or SIGINT ended it, or what kept it from starting.
int serve(const config::Config& settings);

/// The largest time between the signal and the end.
constexpr std::chrono::seconds stop_max{10};

}  // namespace postern::cli
