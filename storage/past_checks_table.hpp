// The table past_check.
#pragma once

#include "storage/engine.hpp"
#include "storage/past_checks.hpp"

namespace postern::storage {

class PastChecksTable final : public PastChecks {
 public:
  explicit PastChecksTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<CheckHistories>> all() override;
  net::Task<Result<void>> keep(CheckHistories histories) override;

 private:
  Engine& engine_;
};

void remove_past_checks(Transaction& transaction, IntegrationId id);

/// The table, and what tells a deed that was begun from one that is done in the audit log.
inline constexpr const char* past_checks_schema = R"sql(
CREATE TABLE past_check (
  integration INTEGER PRIMARY KEY REFERENCES integration(id),
  incoming TEXT NOT NULL,
  outgoing TEXT NOT NULL
) STRICT;
ALTER TABLE audit ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done';
)sql";

}  // namespace postern::storage
