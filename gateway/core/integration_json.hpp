// The contract's JSON of an integration and of its status, both ways.
#pragma once

#include "core/integration.hpp"
#include "core/problems.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <variant>

namespace postern {

/// Everything but id, status, times and secrets. Reading it back with parse_integration and no
/// base gives an equal value.
boost::json::object to_json(const Integration& integration);

boost::json::object to_json(const IntegrationStatus& status);
IntegrationStatus integration_status_from_json(const boost::json::object& json);

std::string_view to_string(DirectionState state);

/// Reads the contract's object. Unknown fields, wrong types, values out of range and contradictions
/// (a direction switched on without a host, a password over an unprotected line) are all told at
/// once, each with its JSON pointer. Read-only fields (id, status, created_at, modified_at,
/// modified_by, password_set) are accepted and ignored, so that what GET gave may be PUT.
std::variant<IntegrationDraft, FieldProblems> parse_integration(const boost::json::value& json);

}  // namespace postern
