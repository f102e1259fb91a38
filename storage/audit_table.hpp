// The table audit.
#pragma once

#include "storage/audit.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

class AuditTable final : public Audit {
 public:
  explicit AuditTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<void>> append(AuditEntry entry) override;
  net::Task<Result<AuditId>> begin(AuditEntry entry) override;
  net::Task<Result<void>> finish(AuditId id, AuditEntry entry) override;
  net::Task<Result<void>> drop(AuditId id) override;
  net::Task<Result<Page<AuditEntry>>> list(AuditFilter filter, PageRequest page) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
