// Why storage did not do it.
#pragma once

#include "core/result.hpp"

namespace postern::storage {

enum class errc {
  not_found = 1,
  name_taken,        // another row has this name
  version_mismatch,  // If-Match named another version
  key_in_use,        // an Idempotency-Key used with another body
  key_running,       // an Idempotency-Key whose first request is still running
  wrong_state,       // the row is not in a state that allows this
  disk_full,         // nothing was stored; try again when space is back
  busy,              // the writer's queue is full
  corrupt,           // the database or a spool file does not hold what it should
  schema_too_new,    // written by a later Postern
  key_missing,       // secrets are stored, but the key file is not there
  key_file_mode,     // others may read the key file
  bad_cursor,        // a page cursor that we did not give out
  io,
  stopped,  // somebody wanted it no more
};
const boost::system::error_category& storage_category();
inline error_code make_error_code(errc code) {
  return {static_cast<int>(code), storage_category()};
}

}  // namespace postern::storage

template <>
struct boost::system::is_error_code_enum<postern::storage::errc> : std::true_type {};
