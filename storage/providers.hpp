// What admins say of mail providers: those they added, and which they do not want to be shown. The
// providers that Postern knows by itself are no rows (oauth/providers.hpp), but for their hiding.
#pragma once

#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct ProviderRow {
  std::string id;
  std::string definition;  // JSON as the API shows it; empty: a known one, and only hidden or not
  bool hidden = false;
  std::uint64_t version = 0;  // set by the store, as what follows
  Instant created_at, modified_at;
  std::string modified_by;
};

class Providers {
 public:
  virtual ~Providers() = default;

  /// In the order they came.
  virtual net::Task<Result<std::vector<ProviderRow>>> list() = 0;
  virtual net::Task<Result<std::optional<ProviderRow>>> find(std::string id) = 0;
  /// Errors: name_taken (the id).
  virtual net::Task<Result<ProviderRow>> create(ProviderRow row, std::string by, Instant at) = 0;
  /// In the place of the one before; `if_version` 0 makes it when there is none. Errors: not_found,
  /// version_mismatch.
  virtual net::Task<Result<ProviderRow>> replace(ProviderRow row, std::uint64_t if_version,
                                                 std::string by, Instant at) = 0;
  /// Errors: not_found, version_mismatch.
  virtual net::Task<Result<void>> remove(std::string id, std::uint64_t if_version) = 0;
};

}  // namespace postern::storage
