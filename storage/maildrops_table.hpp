// The rows of maildrops; those of stored mails are written by message_intake.cpp.
#pragma once

#include "storage/engine.hpp"
#include "storage/maildrops.hpp"

namespace postern::storage {

/// `key` is `stored`, or quarantined where the store refused it; the next one gets `next_uid`.
void put_stored_key(Transaction& transaction, IntegrationId integration, const std::string& key,
                    const StoredMail& stored);
/// `key` is in trouble: `message` says of which kind.
void put_troubled_key(Transaction& transaction, IntegrationId integration, const std::string& key,
                      MaildropState state, MessageId message);
void put_next_uid(Transaction& transaction, IntegrationId integration, std::uint64_t next_uid);

/// With the integration goes what is known of its maildrop.
void remove_maildrop(Transaction& transaction, IntegrationId integration);

class MaildropsTable final : public Maildrops {
 public:
  explicit MaildropsTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<std::optional<Maildrop>>> get(IntegrationId integration) override;
  net::Task<Result<void>> begin(IntegrationId integration, std::vector<std::string> keys,
                                MaildropState state) override;
  net::Task<Result<void>> record_listing(IntegrationId integration, std::vector<std::string> gone,
                                         std::vector<std::string> back, Instant at) override;
  net::Task<Result<void>> forget(IntegrationId integration, std::vector<std::string> keys) override;
  net::Task<Result<void>> record(IntegrationId integration, std::vector<MaildropMail> mails,
                                 std::vector<NewEvent> events) override;
  net::Task<Result<std::vector<Removal>>> removals(IntegrationId integration, Instant now,
                                                   int limit) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
