// The table of all keys: section, name, and how each is read into the Config.
#pragma once

#include "config/reading.hpp"

#include <span>
#include <string>
#include <string_view>

namespace postern::config {

struct Key {
  std::string_view section;  // empty: above all sections
  std::string_view name;
  void (*read)(Reading& reading, Config& config);
  bool secret = false;  // …_FILE is understood too
  bool in_file = true;  // false: only from the environment
};

std::span<const Key> keys();

/// "http.listen", "data_dir".
std::string dotted(const Key& key);

/// "POSTERN_HTTP_LISTEN", "POSTERN_DATA_DIR".
std::string environment_name(const Key& key);

}  // namespace postern::config
