// A summary's JSON where it is to be built in memory of the caller's.
#pragma once

#include "core/mail.hpp"

#include <boost/json/storage_ptr.hpp>

namespace postern {

/// As to_json(summary), every part of it in `memory`.
boost::json::object to_json(const MessageSummary& summary, const boost::json::storage_ptr& memory);

}  // namespace postern
