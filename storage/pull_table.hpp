// The leases' rows, one a hand-over: its last lease.
#pragma once

#include "storage/engine.hpp"
#include "storage/pull.hpp"

namespace postern::storage {

class PullTable final : public Pull {
 public:
  explicit PullTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<Leases>> lease(TargetId target, LeaseTerms terms, Instant now) override;
  net::Task<Result<Acknowledged>> acknowledge(TargetId target, std::vector<LeaseId> leases,
                                              Instant now) override;
  net::Task<Result<std::vector<LeaseFate>>> give_back(TargetId target, std::vector<LeaseId> leases,
                                                      std::string reason, Instant now) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
