// How to log in: what the integration gives, what the server offers, which command comes of it.
// RFC 9051 §6.2.2, RFC 4616 (PLAIN), RFC 4959 (SASL-IR), RFC 7628 (OAUTHBEARER), XOAUTH2.
#pragma once

#include "core/secret.hpp"
#include "imap/capabilities.hpp"
#include "imap/command.hpp"
#include "imap/errc.hpp"

#include <string>

namespace postern::imap {

enum class Mechanism {
  none,         // no login: only a PREAUTH server lets us in
  password,     // AUTHENTICATE PLAIN, else LOGIN
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
enum class LoginWay { plain, login_command, xoauth2, oauthbearer };

/// The best way the server offers. Errors: login_disabled, no_mechanism.
Result<LoginWay> choose_login(Mechanism mechanism, const Capabilities& capabilities);

/// What a login needs to be sent.
struct LoginPlan {
  Command command;           // secret if response is empty
  std::string response;      // for the "+"; empty: it is in the command; without CRLF
  std::string error_answer;  // for a second "+", which carries an error; without CRLF
};

/// The command of `way`; the initial response goes along only with SASL-IR, which Yandex lacks.
/// Errors: bad_argument (NUL in a name or password; CR or LF where LOGIN is used).
Result<LoginPlan> plan_login(LoginWay way, const Credentials& credentials,
                             const Capabilities& capabilities);

}  // namespace postern::imap
