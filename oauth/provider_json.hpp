// A provider as the API shows it and as admins write one of their own.
#pragma once

#include "core/problems.hpp"
#include "oauth/provider.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <variant>

namespace postern::oauth {

/// Everything. Reading it back gives an equal value.
boost::json::object to_json(const Provider& provider);

/// Every mistake at once, with what to do. The fields built_in, hidden and those the store sets are
/// accepted and ignored. Hosts and URLs may hold a word in braces, as {region} and {tenant}.
std::variant<Provider, FieldProblems> parse_provider(const boost::json::value& json);

}  // namespace postern::oauth
