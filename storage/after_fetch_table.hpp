// See after_fetch.hpp; the rows are made by triggers, see after_fetch_schema.hpp.
#pragma once

#include "storage/after_fetch.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

class AfterFetchTable final : public AfterFetches {
 public:
  explicit AfterFetchTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<DueAction>>> due(IntegrationId integration, Instant now,
                                                int limit) override;
  net::Task<Result<std::optional<Instant>>> next_due(IntegrationId integration) override;
  net::Task<Result<void>> record(std::vector<EndedAction> ended,
                                 std::vector<NewEvent> events) override;

 private:
  Engine& engine_;
};

/// The mail that was moved or deleted is there again.
void reopen_action(Transaction& transaction, MessageId message);

}  // namespace postern::storage
