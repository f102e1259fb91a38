// SASL messages that IMAP and SMTP share: what is said first, before base 64.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <string_view>

namespace postern::sasl {

enum class errc {
  forbidden_character = 1,  // a NUL, or a control character where the mechanism's form breaks
};
boost::system::error_code make_error_code(errc code);

/// NUL authcid NUL passwd. Errors: forbidden_character (NUL). Source: RFC 4616 §2.
Result<Secret> plain(std::string_view username, const Secret& password);

/// "user=" name ^A "auth=Bearer " token ^A ^A. Errors: forbidden_character (a control character).
/// Google's and Microsoft's XOAUTH2, which has no RFC.
Result<Secret> xoauth2(std::string_view username, const Secret& access_token);

/// GS2 header with the name, then host, port and token. Errors: forbidden_character (a control
/// character). "," and "=" of the name are written =2C and =3D. Source: RFC 7628 §3.1, RFC 5801 §4.
Result<Secret> oauthbearer(std::string_view username, std::string_view host, int port,
                           const Secret& access_token);

/// What a client answers to the error challenge of XOAUTH2 (an empty line) and OAUTHBEARER (^A),
/// before the server's NO or 535 comes. Source: RFC 7628 §3.2.3.
inline constexpr std::string_view xoauth2_error_answer = "";
inline constexpr std::string_view oauthbearer_error_answer = "\x01";

}  // namespace postern::sasl

template <>
struct boost::system::is_error_code_enum<postern::sasl::errc> : std::true_type {};
