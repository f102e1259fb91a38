// When certificates end: of mail servers, as they showed them last, and our own.
#pragma once

#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <string>
#include <vector>

namespace postern::storage {

struct SeenCertificate {
  std::string server;  // "host:port", or which of our own it is
  Instant ends_at, seen_at;
};

class Certificates {
 public:
  virtual ~Certificates() = default;
  virtual net::Task<Result<std::vector<SeenCertificate>>> list() = 0;
  /// Each takes the place of what its server showed before.
  virtual net::Task<Result<void>> keep(std::vector<SeenCertificate> seen) = 0;
  virtual net::Task<Result<void>> forget(std::vector<std::string> servers) = 0;
};

}  // namespace postern::storage
