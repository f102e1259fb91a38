// How to log in: what the integration gives, what the server offers, which commands come of it.
//
// RFC 1939 §7 (USER, PASS), RFC 5034 (AUTH), RFC 4616 (PLAIN), RFC 7628 (OAUTHBEARER), XOAUTH2.
// APOP is not spoken: it proves a password by MD5.
#pragma once

#include "core/secret.hpp"
#include "pop3/capabilities.hpp"
#include "pop3/errc.hpp"

#include <string>

namespace postern::pop3 {

enum class Mechanism {
  none,         // no login is configured: POP3 has nothing to say then
  password,     // AUTH PLAIN, else USER and PASS
  xoauth2,      // Google's and Microsoft's
  oauthbearer,  // RFC 7628
};

struct Credentials {
  Mechanism mechanism = Mechanism::password;
  std::string username;  // password only
  Secret password;       // password only
  Secret sasl;           // xoauth2, oauthbearer: what core/sasl made, raw (not base64)
};

/// One way of logging in.
enum class LoginWay { plain, user_pass, xoauth2, oauthbearer };

/// The best way the server offers; USER and PASS where it does not know CAPA.
/// Errors: login_disabled, no_mechanism.
Result<LoginWay> choose_login(Mechanism mechanism, const Capabilities& capabilities);

/// The longest command line with an argument of AUTH in it, CRLF included. RFC 5034 §4.
inline constexpr std::size_t auth_command_bytes_max = 255;

/// What a login needs to be sent; lines without CRLF.
struct LoginPlan {
  std::string command;          // "USER name", "AUTH PLAIN …": secret but for USER
  bool response_given = false;  // the response stands in the command already
  std::string response;         // secret: PASS after USER, or for the "+ " of AUTH
  std::string error_answer;     // for a "+ " that carries an error
  bool user_pass = false;
};

/// The commands of `way`. The initial response goes along where RFC 5034 has room for it, but
/// never with XOAUTH2: Microsoft takes it in two lines only.
/// Errors: bad_argument (NUL in a name or password; CR or LF where USER and PASS are used).
Result<LoginPlan> plan_login(LoginWay way, const Credentials& credentials);

}  // namespace postern::pop3
