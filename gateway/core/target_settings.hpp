// The settings that only some types of targets have: read, checked and written by the type's row.
#pragma once

#include "core/server_fields.hpp"
#include "core/target.hpp"
#include "core/target_types.hpp"

#include <boost/json/object.hpp>

namespace postern {

/// Reads what `type` has; what it has not must be absent or empty, so that forms may send all.
void read_target_settings(ServerFields& of, const boost::json::object& json, const TargetType& type,
                          TargetDraft& draft);

/// The settings of the target's own type; "url" always.
void write_target_settings(boost::json::object& json, const Target& target);

}  // namespace postern
