// The counts behind the gauges; over indexes alone, since they are taken every few seconds.
#pragma once

#include "storage/engine.hpp"
#include "storage/gauges.hpp"

namespace postern::storage {

class GaugesTable final : public Gauges {
 public:
  explicit GaugesTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<GaugeReading>> read() override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
