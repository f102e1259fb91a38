// The table of providers.
#pragma once

#include "storage/engine.hpp"
#include "storage/providers.hpp"

namespace postern::storage {

/// Its migration's SQL.
extern const char* const providers_schema;

class ProvidersTable final : public Providers {
 public:
  explicit ProvidersTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<ProviderRow>>> list() override;
  net::Task<Result<std::optional<ProviderRow>>> find(std::string id) override;
  net::Task<Result<ProviderRow>> create(ProviderRow row, std::string by, Instant at) override;
  net::Task<Result<ProviderRow>> replace(ProviderRow row, std::uint64_t if_version, std::string by,
                                         Instant at) override;
  net::Task<Result<void>> remove(std::string id, std::uint64_t if_version) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
