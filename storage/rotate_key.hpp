// postern secrets rotate: every stored secret under a new key, beside a server that goes on.
#pragma once

#include "storage/errc.hpp"

#include <cstdint>
#include <string>

namespace postern::storage {

struct RotationFacts {
  std::uint64_t secrets = 0;
  std::string former_key_file;  // with what older backups are sealed with
};

/// Seals all secrets anew. From the first step to the last the key file holds every key that a row
/// may be sealed with; a process that serves reads it again by itself. Cut off anywhere, nothing is
/// lost, and a second rotation ends it. The former key stays in a file of its own beside it.
/// Errors: not_found (no database there), as open_store; nothing is changed then, but that the key
/// file may hold a key more.
Result<RotationFacts> rotate_key(const std::string& data_dir, const std::string& key_file);

}  // namespace postern::storage
