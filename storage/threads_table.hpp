// The threads' rows; those of one mail are written with its digest, and with what was sent.
#pragma once

#include "core/delivery.hpp"
#include "storage/engine.hpp"
#include "storage/threads.hpp"

namespace postern::storage {

class ThreadsTable final : public Threads {
 public:
  explicit ThreadsTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<ThreadAnswer>>> find(std::vector<ThreadQuestion> questions) override;
  net::Task<Result<std::vector<IntegrationId>>> also_in(std::string message_id,
                                                        IntegrationId integration) override;

 private:
  Engine& engine_;
};

void note_thread(Transaction& transaction, MessageId message, const ThreadNote& note, Instant at);

/// Notes what the server's answer called the mail, when that is not its own Message-ID.
void note_sent_alias(Transaction& transaction, const Delivery& delivery, Instant at);

/// The day since 1970 that thread_rate counts mails by.
std::int64_t day_of(Instant at);

}  // namespace postern::storage
