// The table of certificates' ends.
#pragma once

#include "storage/certificates.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

class CertificatesTable final : public Certificates {
 public:
  explicit CertificatesTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<std::vector<SeenCertificate>>> list() override;
  net::Task<Result<void>> keep(std::vector<SeenCertificate> seen) override;
  net::Task<Result<void>> forget(std::vector<std::string> servers) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
