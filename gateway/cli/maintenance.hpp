// The commands that keep the data safe: backup, restore, verify. They work on the data directory,
// beside a running server (restore: into an empty one).
#pragma once

#include "cli/local.hpp"

namespace postern::cli {

/// Writes one archive file; what it does is told on standard error.
int backup(const ConfigFlags& flags, const std::string& file);

/// Into the data directory, which must be empty; POSTERN_SECRETS_KEY_FILE names the key.
int restore(const ConfigFlags& flags, const std::string& file);

/// Prints every finding on standard output; exit 65 when there is one.
int verify(const ConfigFlags& flags);

}  // namespace postern::cli
