// The jobs of retention.
#pragma once

#include "storage/engine.hpp"
#include "storage/retention.hpp"
#include "storage/waits.hpp"

namespace postern::storage {

class RetentionJobs final : public Retention, public Waits {
 public:
  explicit RetentionJobs(Engine& engine) : engine_(engine) {}

  net::Task<Result<StoredAmount>> amount() override;
  net::Task<Result<RemovablePage>> removable(MessageId after) override;
  net::Task<Result<RemovedRows>> remove_messages(std::vector<MessageId> ids) override;
  net::Task<Result<RemovedRows>> remove_events(Instant before) override;
  net::Task<Result<RemovedRows>> remove_deliveries(Instant before) override;
  net::Task<Result<void>> clock_moved(ClockMove move) override;
  net::Task<Result<void>> note_clock(Instant now) override;
  net::Task<Result<std::optional<Instant>>> noted_clock() override;
  net::Task<Result<void>> note_leap(Instant now) override;
  net::Task<Result<std::optional<Instant>>> last_leap() override;

 private:
  net::Task<Result<void>> remove_files(std::vector<std::string> names);
  Engine& engine_;
};

}  // namespace postern::storage
