// A TOML file as a flat list of settings, each with its line. The only user of toml++.
#pragma once

#include "config/reading.hpp"

#include <string_view>
#include <vector>

namespace postern::config {

/// Every setting of a key in the table, in the order of the lines. What else is in the file, and
/// what is no TOML, becomes a problem.
std::vector<Setting> read_toml(std::string_view toml, std::string_view file_name,
                               ConfigProblems& problems);

}  // namespace postern::config
