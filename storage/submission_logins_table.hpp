// The logins of the submission listener.
#pragma once

#include "storage/engine.hpp"
#include "storage/submission_logins.hpp"

namespace postern::storage {

/// Its migration's SQL.
extern const char* const submission_logins_schema;

class SubmissionLoginsTable final : public SubmissionLogins {
 public:
  explicit SubmissionLoginsTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<void>> set(SubmissionLoginRow row, std::string by) override;
  net::Task<Result<std::optional<SubmissionLoginRow>>> find(IntegrationId integration) override;
  net::Task<Result<void>> remove(IntegrationId integration, std::string by, Instant at) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
