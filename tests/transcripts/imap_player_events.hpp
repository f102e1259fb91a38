// The events of a play as text, and the commands a dialogue may order.
#pragma once

#include "imap/session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

/// "mail", "selected", "fetch-done", …: the name of hooks and the first word of an event.
std::string event_name(const Step& step);

/// One line: the name and what the step carries. `body`: the bytes of a FetchedMail.
std::string describe(const Step& step, std::string_view body);
std::string describe_error(const Error& error);

/// Runs "fetch 1:5; logout" and so on; gives an event for each command the session did not take.
std::vector<std::string> run_commands(Session& session, std::string_view commands);

}  // namespace postern::imap
