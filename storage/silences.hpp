// Silences (with maintenance windows), and the settings that are changed while it runs.
#pragma once

#include "core/silence.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredSilence {
  Silence value;
  std::uint64_t version = 0;  // its ETag
  Instant created_at, modified_at;
  std::string modified_by;
};

class Silences {
 public:
  virtual ~Silences() = default;
  virtual net::Task<Result<std::vector<StoredSilence>>> list() = 0;  // oldest first
  virtual net::Task<Result<StoredSilence>> get(SilenceId id) = 0;
  virtual net::Task<Result<StoredSilence>> create(Silence silence, std::string by, Instant at) = 0;
  /// Errors: not_found, version_mismatch.
  virtual net::Task<Result<StoredSilence>> replace(Silence silence,
                                                   std::optional<std::uint64_t> if_version,
                                                   std::string by, Instant at) = 0;
  virtual net::Task<Result<void>> remove(SilenceId id, std::optional<std::uint64_t> if_version) = 0;
};

}  // namespace postern::storage
