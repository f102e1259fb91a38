// JSON bodies: parsed strictly (UTF-8, bounded depth, no field twice) and patched (RFC 7396).
#pragma once

#include "web/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace postern::web {

struct Call;

constexpr std::size_t json_depth_max = 32;

/// The value in `body`. Problems: 400 malformed_json (with the place), 400 invalid for a field that
/// stands twice in its object.
Answer<boost::json::value> parse_json(std::string_view body);

/// The call's body, which must be an object.
Answer<boost::json::object> object_body(const Call& call);

/// `patch` applied to `target`: null removes, objects merge, anything else replaces.
/// Source: RFC 7396 §2.
void merge_patch(boost::json::object& target, const boost::json::object& patch);

/// 200 (or `status`) with the value as application/json.
Response json_response(const boost::json::value& value, int status = 200);

}  // namespace postern::web
