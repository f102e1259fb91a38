// A hand-over as a resource, and inside a message.
#pragma once

#include "core/delivery.hpp"

#include <boost/json/object.hpp>

namespace postern::web {

/// {id, message, target, state, attempts, last_status, last_error, next_attempt_at, created_at}.
boost::json::object handover_json(const Handover& handover);

}  // namespace postern::web
