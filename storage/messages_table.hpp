// Received mail's rows and bytes; the intake is in message_intake.cpp.
#pragma once

#include "storage/engine.hpp"
#include "storage/messages.hpp"

namespace postern::storage {

/// How long the duplicate rule remembers a mail. Source: promise 3.
constexpr std::chrono::hours seen_for{24 * 90};

class MessagesTable final : public Messages {
 public:
  explicit MessagesTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::optional<MailboxCursor>>> cursor(IntegrationId integration,
                                                         std::string folder) override;
  net::Task<Result<void>> set_cursor(IntegrationId integration, std::string folder,
                                     MailboxCursor cursor, std::vector<NewEvent> events) override;
  net::Task<Result<UidRanges>> uids_from(IntegrationId integration, std::string folder,
                                         std::uint32_t uid_validity, std::uint32_t first) override;
  net::Task<Result<std::vector<PlacedMail>>> placed(IntegrationId integration, std::string folder,
                                                    std::uint32_t uid_validity,
                                                    UidRanges uids) override;
  net::Task<Result<void>> disown(IntegrationId integration, std::string folder,
                                 std::uint32_t uid_validity, UidRanges uids) override;
  Result<std::unique_ptr<SpoolFile>> open_spool_file() override;
  net::Task<Result<std::vector<StoredMail>>> store(IncomingBatch batch) override;
  net::Task<Result<std::vector<Undigested>>> undigested(IntegrationId integration,
                                                        int limit) override;
  net::Task<Result<void>> record_digests(std::vector<DigestedMessage> mails, Instant at) override;
  net::Task<Result<void>> route_anew(MessageId id, Routing routing, std::vector<NewEvent> events,
                                     Instant at) override;
  net::Task<Result<MessageDetail>> get(MessageId id) override;
  net::Task<Result<std::map<MessageId, MessageDetail>>> find(std::vector<MessageId> ids) override;
  net::Task<Result<std::string>> raw(MessageId id) override;
  net::Task<Result<std::vector<std::string>>> raws(std::vector<MessageId> ids) override;
  net::Task<Result<Page<MessageDetail>>> list(MessageFilter filter, PageRequest page) override;
  net::Task<Result<std::uint64_t>> count() override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
