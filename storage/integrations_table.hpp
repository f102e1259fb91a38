// The integrations' rows. What the API can name stands in `config` as the contract's JSON; the name
// and the default mark stand beside it, since they are unique.
#pragma once

#include "storage/engine.hpp"
#include "storage/integrations.hpp"

namespace postern::storage {

class IntegrationsTable final : public Integrations {
 public:
  explicit IntegrationsTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<IntegrationEntry>>> entries() override;
  net::Task<Result<std::vector<IntegrationEntry>>> entries_behind(IntegrationSort sort,
                                                                  IntegrationPlace place,
                                                                  int count) override;
  net::Task<Result<std::vector<StoredIntegration>>> some(std::vector<IntegrationId> ids) override;
  net::Task<Result<StoredIntegration>> get(IntegrationId id) override;
  net::Task<Result<StoredIntegration>> find(std::string id_or_name) override;
  net::Task<Result<std::optional<StoredIntegration>>> find_default() override;
  net::Task<Result<StoredIntegration>> create(IntegrationDraft draft, std::string by,
                                              Instant at) override;
  net::Task<Result<StoredIntegration>> replace(IntegrationId id, IntegrationDraft draft,
                                               std::optional<std::uint64_t> if_version,
                                               std::string by, Instant at) override;
  net::Task<Result<void>> remove(IntegrationId id, std::optional<std::uint64_t> if_version,
                                 std::string by, Instant at) override;
  net::Task<Result<StoredIntegration>> make_default(IntegrationId id, std::string by,
                                                    Instant at) override;
  net::Task<Result<IntegrationSecrets>> secrets(IntegrationId id) override;
  net::Task<Result<std::vector<IntegrationId>>> ids() override;
  net::Task<Result<std::vector<IntegrationAccount>>> accounts(
      std::vector<IntegrationId> ids) override;
  net::Task<Result<void>> record_status(IntegrationId id, IntegrationStatus status,
                                        std::vector<NewEvent> events) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
