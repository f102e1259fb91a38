// `postern serve`: builds the world from the configuration, runs it, takes it down on a signal.
#pragma once

#include "config/config.hpp"

#include <string>

namespace postern::cli {

/// Returns the exit code when SIGTERM or SIGINT ended it, or what kept it from starting.
/// `pages_dir`: serves the page's files from there, for work on it; empty: those in the program.
int serve(const config::Config& settings, const std::string& pages_dir);

/// The largest time between the signal and the end.
constexpr std::chrono::seconds stop_max{10};

}  // namespace postern::cli
