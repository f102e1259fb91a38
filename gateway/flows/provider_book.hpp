// A provider by its id, whether Postern knows it by itself or an admin added it.
#pragma once

#include "oauth/provider.hpp"
#include "storage/store.hpp"

#include <string>

namespace postern::flows {

/// The provider in a row of an admin's own. Errors: corrupt.
Result<oauth::Provider> read_provider(const storage::ProviderRow& row);

/// A hidden one is found too: what goes by it goes on. Errors: not_found, and the store's.
net::Task<Result<oauth::Provider>> provider_named(storage::Store& store, std::string id);

}  // namespace postern::flows
