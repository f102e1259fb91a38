// See compares.hpp.
#pragma once

#include "storage/compares.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

class ComparesTable final : public Compares {
 public:
  explicit ComparesTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::optional<KnownFolder>>> known(IntegrationId integration,
                                                      std::string folder) override;
  net::Task<Result<void>> keep(IntegrationId integration, std::string folder,
                               KnownFolder known) override;
  net::Task<Result<void>> request(IntegrationId integration, std::vector<std::string> folders,
                                  std::string since) override;
  net::Task<Result<std::optional<std::string>>> requested(IntegrationId integration,
                                                          std::string folder) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
