// What a server knows of the program and its data: for the about page and for backups.
#pragma once

#include "core/time.hpp"

#include <string>

namespace postern::web {

struct ServerFacts {
  std::string version;
  std::string data_dir;
  std::string key_file;  // its path; what is in it never leaves
  Instant started_at;
};

}  // namespace postern::web
