// Counts by index, and the table queue_hour.
#pragma once

#include "storage/engine.hpp"
#include "storage/figures.hpp"

namespace postern::storage {

class FiguresTable final : public Figures {
 public:
  explicit FiguresTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<std::vector<HourFigures>>> hours(int hours, Instant now) override;
  net::Task<Result<QueueFigures>> queues() override;
  net::Task<Result<QueuedBy>> queued_by_integration() override;
  net::Task<Result<void>> note_queue(QueueFigures queue, Instant now) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
