// See quarantine.hpp.
#pragma once

#include "storage/engine.hpp"
#include "storage/quarantine.hpp"

namespace postern::storage {

/// Writes or replaces the note of a message.
void put_trouble(Transaction& transaction, MessageId message, const TroubleNote& note);

class QuarantineTable final : public Quarantine {
 public:
  explicit QuarantineTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<StoredMail>> put(TroubledMail mail) override;
  net::Task<Result<std::vector<Trouble>>> waiting(IntegrationId integration, int limit) override;
  net::Task<Result<void>> note(MessageId message, TroubleNote note,
                               std::vector<NewEvent> events) override;
  net::Task<Result<void>> try_now(MessageId message, Instant at) override;
  net::Task<Result<std::uint64_t>> try_all_now(std::optional<IntegrationId> integration,
                                               Instant at) override;
  net::Task<Result<void>> forget_places(IntegrationId integration, std::string folder,
                                        std::uint32_t uid_validity) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
