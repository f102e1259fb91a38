// Who may submit by SMTP: one login an integration, its password kept as a hash.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <optional>
#include <string>

namespace postern::storage {

struct SubmissionLoginRow {
  IntegrationId integration;
  std::string salt, password_hash;  // whatever flows/submission_login wrote
  Instant created_at;
};

class SubmissionLogins {
 public:
  virtual ~SubmissionLogins() = default;
  /// In the place of the one before. Counts as a change of the integration. Errors: not_found.
  virtual net::Task<Result<void>> set(SubmissionLoginRow row, std::string by) = 0;
  /// Nothing when there is none, or no such integration any more.
  virtual net::Task<Result<std::optional<SubmissionLoginRow>>> find(IntegrationId integration) = 0;
  /// Errors: not_found (the integration; one without a login is fine).
  virtual net::Task<Result<void>> remove(IntegrationId integration, std::string by, Instant at) = 0;
};

}  // namespace postern::storage
