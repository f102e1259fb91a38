// The secrets' rows: sealed, beside the id of the key they are sealed with.
#pragma once

#include "storage/secret_keys.hpp"
#include "storage/submit.hpp"

namespace postern::storage {

/// An empty secret removes the row. Sealed with the key the database names since its rotation.
/// Errors: key_missing (that key is not to be had).
Result<void> put_secret(Transaction& transaction, const SecretKeys& keys, const SecretPlace& place,
                        const Secret& secret);

/// Empty when there is none. Errors: corrupt, key_missing.
Result<Secret> get_secret(Transaction& transaction, const SecretKeys& keys,
                          const SecretPlace& place);

bool has_secret(Transaction& transaction, const SecretPlace& place);

void remove_secrets(Transaction& transaction, std::string_view table, std::int64_t row);

/// The ids of the keys that stored secrets are sealed with.
std::vector<std::string> keys_in_use(Database& database);

/// The row whose key all that is sealed from now on is sealed with: of the last rotation, so that
/// a process that read the key file before it notices.
constexpr SecretPlace newest_key_place{"key", 0, "newest"};

/// Seals every stored secret with the key `fresh` instead of its own and names it the newest.
/// Gives how many. Errors: corrupt, key_missing.
Result<std::uint64_t> seal_anew(Database& database, const SecretKeys& keys, const SecretBox& fresh);

}  // namespace postern::storage
