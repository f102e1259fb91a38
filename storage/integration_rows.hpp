// Reading and writing one integration's row; integrations_table puts transactions around it.
#pragma once

#include "storage/integrations.hpp"
#include "storage/secret_keys.hpp"
#include "storage/submit.hpp"

namespace postern::storage {

constexpr std::string_view integration_owner = "integration";
constexpr std::string_view incoming_password_field = "incoming_password";
constexpr std::string_view outgoing_password_field = "outgoing_password";

std::vector<IntegrationEntry> read_entries(Transaction& transaction);
std::vector<IntegrationEntry> read_entries_behind(Transaction& transaction, IntegrationSort sort,
                                                  const IntegrationPlace& place, int count);

/// Errors: not_found, corrupt (a row that is no integration).
Result<StoredIntegration> read_integration(Transaction& transaction, IntegrationId id);

/// The id of the integration with this id or name. Errors: not_found.
Result<IntegrationId> find_integration(Transaction& transaction, const std::string& id_or_name);

/// Errors: version_mismatch, not_found.
Result<void> check_version(Transaction& transaction, IntegrationId id,
                           std::optional<std::uint64_t> if_version);

/// Errors: name_taken by another than `id`.
Result<void> check_name(Transaction& transaction, IntegrationId id, const std::string& name);

/// Takes the default mark from the integration that has it, unless that is `id`.
void clear_default(Transaction& transaction, IntegrationId id, const std::string& by, Instant at);

/// The passwords a draft names; those it leaves out stay. Errors: as put_secret.
Result<void> put_passwords(Transaction& transaction, const SecretKeys& keys, IntegrationId id,
                           const IntegrationDraft& draft);
/// Errors: not_found; those of get_secret.
Result<IntegrationSecrets> read_passwords(Transaction& transaction, const SecretKeys& keys,
                                          IntegrationId id);

}  // namespace postern::storage
