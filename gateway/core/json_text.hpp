// Reads one text out of JSON that somebody else made: an answer, an event's data. What we are asked
// for by a caller is read by JsonFields instead, which says what is wrong with it.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace postern {

/// The text of that name; empty when there is none, or something else.
std::string json_text(const boost::json::object& object, std::string_view name);

}  // namespace postern
