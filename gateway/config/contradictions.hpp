// What is wrong only together: a certificate without its key, a password over an open line.
#pragma once

#include "config/reading.hpp"

#include <map>
#include <string>

namespace postern::config {

/// Where each key that was set came from, by its dotted name.
using Origins = std::map<std::string, Origin>;

/// Adds a problem for each contradiction, at the key that made it.
void find_contradictions(const Config& config, const Origins& origins, ConfigProblems& problems);

}  // namespace postern::config
