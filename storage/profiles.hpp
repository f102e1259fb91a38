// Notification profiles.
#pragma once

#include "core/profile.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredProfile {
  Profile value;
  std::uint64_t version = 0;
  Instant created_at, modified_at;
  std::string modified_by;
};

class Profiles {
 public:
  virtual ~Profiles() = default;
  virtual net::Task<Result<std::vector<StoredProfile>>> list() = 0;
  virtual net::Task<Result<StoredProfile>> find(std::string id_or_name) = 0;
  /// Secrets that a channel needs and that are left out are made. Errors: name_taken.
  virtual net::Task<Result<StoredProfile>> create(ProfileDraft draft, std::string by,
                                                  Instant at) = 0;
  /// A channel keeps its secret if one of the same type called the same host before.
  /// Errors: not_found, name_taken, version_mismatch.
  virtual net::Task<Result<StoredProfile>> replace(ProfileId id, ProfileDraft draft,
                                                   std::optional<std::uint64_t> if_version,
                                                   std::string by, Instant at) = 0;
  /// Errors: not_found, version_mismatch, wrong_state (a rule uses it; the detail names it).
  virtual net::Task<Result<void>> remove(ProfileId id, std::optional<std::uint64_t> if_version) = 0;
  /// The secrets of the channels, in their order; empty where there is none.
  virtual net::Task<Result<std::vector<Secret>>> secrets(ProfileId id) = 0;
};

}  // namespace postern::storage
