// The secrets' rows: sealed, beside the id of the key they are sealed with.
#pragma once

#include "storage/secret_box.hpp"
#include "storage/submit.hpp"

namespace postern::storage {

/// An empty secret removes the row.
void put_secret(Transaction& transaction, const SecretBox& box, const SecretPlace& place,
                const Secret& secret);

/// Empty when there is none. Errors: corrupt.
Result<Secret> get_secret(Transaction& transaction, const SecretBox& box, const SecretPlace& place);

bool has_secret(Transaction& transaction, const SecretPlace& place);

void remove_secrets(Transaction& transaction, std::string_view table, std::int64_t row);

/// The ids of the keys that stored secrets are sealed with.
std::vector<std::string> keys_in_use(Database& database);

}  // namespace postern::storage
