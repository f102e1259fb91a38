// What admins changed of the settings while it ran; the rest is the configuration's.
#pragma once

#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace postern::storage {

struct StoredSettings {
  boost::json::object changed;  // only what was changed
  std::uint64_t version = 0;    // its ETag; 0: nothing was ever changed
  std::optional<Instant> modified_at;
  std::string modified_by;
};

class Settings {
 public:
  virtual ~Settings() = default;
  virtual net::Task<Result<StoredSettings>> get() = 0;
  /// Errors: version_mismatch.
  virtual net::Task<Result<StoredSettings>> replace(boost::json::object changed,
                                                    std::optional<std::uint64_t> if_version,
                                                    std::string by, Instant at) = 0;
};

}  // namespace postern::storage
