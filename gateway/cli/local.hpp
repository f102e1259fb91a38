// The commands that need no running server: they read the configuration or open the data directory.
#pragma once

#include "config/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::cli {

/// What all commands understand: where the configuration is, and what overrides it.
struct ConfigFlags {
  std::string file;  // --config; empty: none
  std::string data_dir, listen;
  std::string pages_dir;  // of serve, for work on the page
};

/// The configuration, or its mistakes on standard error, one a line.
std::optional<config::Config> load(const ConfigFlags& flags);

int check_config(const ConfigFlags& flags);

/// Prints the token alone on one line.
int create_token(const ConfigFlags& flags, std::string name, std::vector<std::string> scopes);

/// The password is the first line of standard input.
int set_password(const ConfigFlags& flags, std::string name);

/// Seals all stored secrets with a new key; a server beside it goes on.
int rotate_secrets(const ConfigFlags& flags);

}  // namespace postern::cli
