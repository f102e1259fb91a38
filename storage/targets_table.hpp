// The targets' rows: configuration as the contract's JSON, signing secrets sealed.
#pragma once

#include "storage/engine.hpp"
#include "storage/handovers.hpp"

namespace postern::storage {

class TargetsTable final : public Targets {
 public:
  explicit TargetsTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<TargetStatuses>> statuses() override;
  net::Task<Result<std::vector<StoredTarget>>> list() override;
  net::Task<Result<StoredTarget>> find(std::string id_or_name) override;
  net::Task<Result<StoredTarget>> create(TargetDraft draft, std::string by, Instant at) override;
  net::Task<Result<StoredTarget>> replace(TargetId id, TargetDraft draft,
                                          std::optional<std::uint64_t> if_version, std::string by,
                                          Instant at) override;
  net::Task<Result<void>> remove(TargetId id, std::optional<std::uint64_t> if_version,
                                 std::string by, Instant at) override;
  net::Task<Result<TargetSecrets>> secrets(TargetId id) override;
  net::Task<Result<void>> rotate_secret(TargetId id, Secret fresh, std::string by,
                                        Instant at) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
