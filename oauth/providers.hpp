// The providers that Postern knows by itself: a table of data, so that people need to look nothing
// up. Source: Mozilla's autoconfig database, the providers' own pages; see providers_test.cpp,
// which holds it to them. What an admin adds stands in the store (flows/provider_book.hpp).
#pragma once

#include "oauth/provider.hpp"

#include <string_view>
#include <vector>

namespace postern::oauth {

/// All of them, in the order people are shown them; "custom" is the last.
const std::vector<Provider>& known_providers();

/// Nothing when it is none of them.
const Provider* known_provider(std::string_view id);

/// Whose submission server this is; nothing when it is none of theirs.
const Provider* provider_of_smtp_host(std::string_view host);

}  // namespace postern::oauth
