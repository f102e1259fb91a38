// Addresses that people and programs give us: strict, bounded, never seen by vmime.
//
// What a received mail's From or To holds is read leniently in address_field.
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t address_list_bytes_max = 256 * 1024;
inline constexpr std::size_t address_list_max = 5000;
inline constexpr std::size_t display_name_bytes_max = 1024;
inline constexpr int comment_nesting_max = 10;

/// One string split at `;` or `,` outside quotes, comments and brackets: "a@x; B <b@y>". Empty
/// items are passed over; an empty string is an empty list. A group ("Team: a@x, b@y;") gives its
/// members, its name is dropped, and its `;` must be there. Errors: bad_address with the offending
/// text, shortened and without control characters. Source: RFC 5322 §3.4 (group), §3.2.2
/// (comments); the `;` between addresses is people's own.
Result<std::vector<MailAddress>> parse_address_list(std::string_view text);

/// One address, with or without a display name. Comments are left out, but one behind a bare
/// addr-spec is its name: "a@x (Ann)". Errors: bad_address.
Result<MailAddress> parse_address(std::string_view text);

/// Whether `text` is an addr-spec that may go into an SMTP command and a header as it is: what
/// core's valid_addr_spec says, and no angle brackets even in a quoted local part, so that no
/// server can be talked into reading a second path.
bool is_addr_spec(std::string_view text);

}  // namespace postern::message
