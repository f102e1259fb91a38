// What a draft may not be: the one place where foreign words are kept from becoming headers.
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"

#include <string_view>

namespace postern::message {

/// Whether a caller may set this header: RFC 5322 ftext, at most 76 octets, and none of the fields
/// that compose writes itself or that only servers write (From, Bcc, Content-*, Received, …).
/// Errors: bad_header_name, naming it.
Result<void> check_header_name(std::string_view name);

/// A value that stays one field: valid UTF-8, no control character but the tab, bounded. `what`
/// names it in the error's detail. Errors: header_injection, bad_request (length, not UTF-8).
Result<void> check_header_value(std::string_view what, std::string_view value);

/// msg-id, with or without its angle brackets: printable ASCII without blanks. `what` names it in
/// the error's detail. Errors: header_injection, bad_request.
Result<void> check_message_id(std::string_view what, std::string_view id);

/// Everything about `draft` that can be wrong but its charset. Errors: bad_request, bad_address,
/// bad_header_name, header_injection, message_too_big.
Result<void> check_draft(const Draft& draft);

}  // namespace postern::message
