// Outgoing mail's rows and bytes: creating and reading here, the steps of its life in
// delivery_steps.cpp.
#pragma once

#include "storage/deliveries.hpp"
#include "storage/delivery_search.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

/// How long an Idempotency-Key is remembered at least.
constexpr std::chrono::hours idempotency_keys_for{24};

class DeliveriesTable final : public Deliveries, public SearchIndex {
 public:
  explicit DeliveriesTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::optional<Delivery>>> find_key(IdempotencyKey key) override;
  net::Task<Result<CreatedDelivery>> create(NewDelivery delivery) override;
  net::Task<Result<CreatedDelivery>> create_spooled(NewDelivery delivery,
                                                    std::unique_ptr<SpoolFile> file,
                                                    std::uint64_t size_bytes) override;
  net::Task<Result<std::vector<Delivery>>> due(IntegrationId integration, Instant now,
                                               int limit) override;
  net::Task<Result<std::optional<Instant>>> next_due(IntegrationId integration) override;
  net::Task<Result<Delivery>> begin_attempt(DeliveryId id, Instant at) override;
  net::Task<Result<void>> finish_attempt(AttemptEnd end, Instant at) override;
  net::Task<Result<Turn>> next_attempt(AttemptEnd end, DeliveryId next, Instant at) override;
  net::Task<Result<int>> recover(Instant now) override;
  net::Task<Result<int>> recover_queue(IntegrationId integration, Instant now) override;
  net::Task<Result<std::string>> bytes(DeliveryId id) override;
  net::Task<Result<std::vector<std::string>>> bytes_of_each(std::vector<DeliveryId> ids) override;
  net::Task<Result<Delivery>> get(DeliveryId id) override;
  net::Task<Result<Page<Delivery>>> list(DeliveryFilter filter, PageRequest page) override;
  net::Task<Result<int>> index_for_search(int count) override;
  net::Task<Result<int>> unindexed(int at_most) override;
  net::Task<Result<Delivery>> retry(DeliveryId id, Instant now) override;
  net::Task<Result<Delivery>> hold(DeliveryId id, Instant now) override;
  net::Task<Result<Delivery>> release(DeliveryId id, Instant at) override;
  net::Task<Result<Delivery>> set_recipients(DeliveryId id,
                                             std::vector<std::string> recipients) override;
  net::Task<Result<std::vector<DeliveryAttempt>>> attempts(DeliveryId id) override;
  net::Task<Result<std::optional<Transcript>>> transcript(DeliveryId id,
                                                          std::optional<int> attempt) override;
  net::Task<Result<std::vector<SentCopy>>> copies_due(IntegrationId integration, Instant now,
                                                      int limit) override;
  net::Task<Result<std::optional<Instant>>> next_copy_due(IntegrationId integration) override;
  net::Task<Result<void>> copy_ended(DeliveryId id, std::vector<NewEvent> events) override;
  net::Task<Result<void>> copy_failed(DeliveryId id, Instant due) override;
  net::Task<Result<std::vector<Delivery>>> of_message_id(std::string message_id) override;
  net::Task<Result<int>> record_bounce(DeliveryId id, std::vector<BounceMark> marks) override;
  net::Task<Result<Delivery>> cancel(DeliveryId id, Instant now) override;
  net::Task<Result<std::uint64_t>> waiting() override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
