// What a search looks for, as values: each is checked and written so that nothing from outside
// becomes a command. RFC 9051 §6.4.4, RFC 7162 §3.1.5 (MODSEQ), Google's X-GM-MSGID.
#pragma once

#include "imap/command.hpp"
#include "imap/number_set.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::imap {

/// All that are set must hold. None at all finds everything.
struct SearchCriteria {
  std::optional<NumberSet> uids;
  // Days of INTERNALDATE in the server's own time zone: overlap them by one.
  std::optional<std::chrono::sys_days> since, before;
  std::vector<std::pair<std::string, std::string>> headers;  // field, a part of its value (UTF-8)
  std::vector<std::string> with_flags, without_flags;        // "\Seen", "$Done"
  std::optional<std::uint64_t> mod_seq_from;      // changed at it or later; needs CONDSTORE
  std::optional<std::uint64_t> gmail_message_id;  // needs X-GM-EXT-1
};

/// "1-Feb-2026". Source: RFC 9051 §9, date.
std::string search_date(std::chrono::sys_days day);

/// Adds the criteria to a command that ends with "UID SEARCH" and its options. `utf8`: UTF8=ACCEPT
/// is enabled, and then no CHARSET may be given (RFC 6855 §3).
/// Errors: bad_argument (an empty or too long set, a name, value or flag that cannot be sent).
Result<void> add_criteria(Command& command, const SearchCriteria& criteria, bool utf8);

}  // namespace postern::imap
