// What can go wrong when a mail is composed, cut up, or asked of a worker.
#pragma once

#include "core/result.hpp"

#include <boost/system/error_code.hpp>

#include <optional>
#include <string_view>

namespace postern::message {

enum class errc {
  bad_request = 1,       // a draft that cannot be a mail (result code 10)
  bad_header_name,       // not RFC 5322 ftext, or a field that is ours to write (10)
  bad_address,           // malformed, or with control characters (11)
  message_too_big,       // over a limit of composing (12)
  charset_does_not_fit,  // strict_encoding, and the text is not in that charset (13)
  unknown_charset,       // no such charset, or none for mail, as UTF-16 (10)
  header_injection,      // CR, LF, NUL or another control character in a header value (14)
  no_such_part,          // an index beyond the attachments, or a mail without that text
  bad_worker_reply,      // bytes that are not a reply of the MIME worker
  bad_worker_request,    // bytes that are not a request to it
  header_too_big,        // of a mail to be sent as it is (12)
  signed_eight_bit,      // 8-bit text under a signature: re-encoded it would be broken (53)
  not_seven_bit,         // 8-bit octets that can't be encoded (53)
  from_not_allowed,      // its From is another's, and the policy is to refuse that (23)
};

error_code make_error_code(errc code);

/// "header_injection" and so on: the form in which a code crosses to another process.
std::string_view name_of(errc code);
std::optional<errc> errc_from_name(std::string_view name);

}  // namespace postern::message

template <>
struct boost::system::is_error_code_enum<postern::message::errc> : std::true_type {};
