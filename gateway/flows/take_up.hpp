// The link in a notice by which its reader takes up what it tells of, without signing in. It is
// good for this notice's problems alone; its words are made with the notice and stand in no text
// that the API shows.
#pragma once

#include "storage/problems.hpp"

#include <string>
#include <string_view>

namespace postern::flows {

/// Under this name in a notice's data.
inline constexpr std::string_view take_up_field = "take_up";

/// Empty: there is none (without public_url, of a recovery, of no problem).
std::string take_up_url(const storage::StoredNotice& notice, const std::string& public_url);

/// The line of a text that holds it; empty without one.
std::string take_up_line(const storage::StoredNotice& notice, const std::string& public_url);

}  // namespace postern::flows
