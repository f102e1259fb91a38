// When a mail arrived, as its header tells: for servers that do not tell it themselves (POP3).
#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace postern::message {

/// The date of the first Received field, which the last server wrote, else that of the Date field.
/// Looks at the header block alone. Nothing when neither can be read.
/// Source: RFC 5321 §4.4 (the date stands behind the last ";"), RFC 5322 §3.6.1.
std::optional<Instant> find_received_date(std::string_view raw);

}  // namespace postern::message
