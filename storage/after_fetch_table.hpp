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

/// A mail that is ours already was seen again: in its folder under other numbers, or as a further
/// copy, which gets the action as well.
void note_place(Transaction& transaction, MessageId message, const std::string& folder,
                std::uint32_t uid_validity, std::uint32_t uid);

/// The mail that was moved or deleted is there again.
void reopen_action(Transaction& transaction, MessageId message);

}  // namespace postern::storage
