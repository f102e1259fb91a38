// What was in a folder when all of it was last compared with what is ours, and compares that a
// person asked for. A UID that is there, was not there then, and is not ours has slipped by.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/uid_ranges.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct KnownFolder {
  std::uint32_t uid_validity = 0;
  std::uint64_t mod_seq = 0;  // HIGHESTMODSEQ of then; 0: the server has none
  UidRanges uids;             // below the cursor of then
  Instant compared_at;
};

class Compares {
 public:
  virtual ~Compares() = default;

  virtual net::Task<Result<std::optional<KnownFolder>>> known(IntegrationId integration,
                                                              std::string folder) = 0;
  /// A compare is done, and with it the request for one.
  virtual net::Task<Result<void>> keep(IntegrationId integration, std::string folder,
                                       KnownFolder known) = 0;

  /// Everything since this day ("2026-01-31") is to be fetched again, in these folders.
  virtual net::Task<Result<void>> request(IntegrationId integration,
                                          std::vector<std::string> folders, std::string since) = 0;
  /// The day of a request for the folder that is not done yet.
  virtual net::Task<Result<std::optional<std::string>>> requested(IntegrationId integration,
                                                                  std::string folder) = 0;
};

}  // namespace postern::storage
