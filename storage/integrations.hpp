// The integrations' rows: configuration, secrets (encrypted, bound to their row) and status.
#pragma once

#include "core/event.hpp"
#include "core/integration.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredIntegration {
  Integration value;
  IntegrationStatus status;
  std::uint64_t version = 0;  // its ETag; counts configuration changes, not status
  Instant created_at, modified_at;
  std::string modified_by;
  bool incoming_password_set = false, outgoing_password_set = false;
};

/// What an integration is run with.
struct IntegrationAccount {
  StoredIntegration stored;
  IntegrationSecrets secrets;
};

/// What lists and counts go by, of one integration: cheap to read of thousands.
struct IntegrationEntry {
  IntegrationId id;
  std::string name, address, description, provider;
  bool enabled = false, incoming_on = false, outgoing_on = false;
  DirectionState incoming_state{}, outgoing_state{};
  int consecutive_incoming_errors = 0, consecutive_outgoing_errors = 0;
};

enum class IntegrationSort { age, name, trouble };

/// Where a sorted list stands: behind the entry with these keys.
struct IntegrationPlace {
  std::string trouble_key, name_key;  // as integration_entry has them; those not sorted by: empty
  IntegrationId id;
};

class Integrations {
 public:
  virtual ~Integrations() = default;

  /// Of all, the oldest first.
  virtual net::Task<Result<std::vector<IntegrationEntry>>> entries() = 0;
  /// Up to `count` of those behind `place`.
  virtual net::Task<Result<std::vector<IntegrationEntry>>> entries_behind(IntegrationSort sort,
                                                                          IntegrationPlace place,
                                                                          int count) = 0;
  /// In the order of `ids`, without those that are gone.
  virtual net::Task<Result<std::vector<StoredIntegration>>> some(
      std::vector<IntegrationId> ids) = 0;
  virtual net::Task<Result<StoredIntegration>> get(IntegrationId id) = 0;
  virtual net::Task<Result<StoredIntegration>> find(std::string id_or_name) = 0;
  virtual net::Task<Result<std::optional<StoredIntegration>>> find_default() = 0;

  /// is_default takes the mark from the former default in the same transaction.
  /// Errors: name_taken.
  virtual net::Task<Result<StoredIntegration>> create(IntegrationDraft draft, std::string by,
                                                      Instant at) = 0;
  /// Errors: not_found, name_taken, version_mismatch.
  virtual net::Task<Result<StoredIntegration>> replace(IntegrationId id, IntegrationDraft draft,
                                                       std::optional<std::uint64_t> if_version,
                                                       std::string by, Instant at) = 0;
  /// Its received messages stay; its secrets, cursor and waiting deliveries go (cancelled, 62).
  virtual net::Task<Result<void>> remove(IntegrationId id, std::optional<std::uint64_t> if_version,
                                         std::string by, Instant at) = 0;
  virtual net::Task<Result<StoredIntegration>> make_default(IntegrationId id, std::string by,
                                                            Instant at) = 0;
  virtual net::Task<Result<IntegrationSecrets>> secrets(IntegrationId id) = 0;
  /// All, those first that were not looked at for the longest time.
  virtual net::Task<Result<std::vector<IntegrationId>>> ids() = 0;
  /// As some, with their secrets.
  virtual net::Task<Result<std::vector<IntegrationAccount>>> accounts(
      std::vector<IntegrationId> ids) = 0;

  /// Keeps the status and writes the events, in one transaction.
  virtual net::Task<Result<void>> record_status(IntegrationId id, IntegrationStatus status,
                                                std::vector<NewEvent> events) = 0;
};

}  // namespace postern::storage
