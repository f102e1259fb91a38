// How to log in: what the integration gives, what the server offers, which command comes of it.
// RFC 9051 §6.2.2, RFC 4616 (PLAIN), RFC 4959 (SASL-IR), RFC 7628 (OAUTHBEARER), XOAUTH2.
#pragma once

#include "core/secret.hpp"
#include "imap/capabilities.hpp"
#include "imap/command.hpp"
#include "imap/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace postern::imap {

enum class Mechanism {
  none,      // no login: only a PREAUTH server lets us in
  password,  // AUTHENTICATE PLAIN, else LOGIN
  oauth2,    // AUTHENTICATE XOAUTH2, else OAUTHBEARER
};

struct Credentials {
  Mechanism mechanism = Mechanism::password;
  std::string username;    // oauth2: the mailbox, which need not be the token's own
  Secret password;         // password only
  Secret access_token;     // oauth2 only; several KB are usual
  std::string host;        // oauth2: the server's name and port, as connected to;
  std::uint16_t port = 0;  // OAUTHBEARER tells them
};

/// One way of logging in.
enum class LoginWay { plain, login_command, xoauth2, oauthbearer };

/// The best way the server offers. XOAUTH2 goes before OAUTHBEARER, because it is the one that
/// Google, Microsoft, Yahoo and Yandex document, and the only one of Microsoft and Yandex.
/// Errors: login_disabled, no_mechanism.
Result<LoginWay> choose_login(Mechanism mechanism, const Capabilities& capabilities);

/// Another way worth one try when the server answered BAD to `way`, which is no word on the
/// credentials: the mechanism may be broken there.
std::optional<LoginWay> other_login(LoginWay way, const Capabilities& capabilities);

/// What a login needs to be sent.
struct LoginPlan {
  Command command;           // secret if response is empty
  std::string response;      // for the "+"; empty: it is in the command; without CRLF
  std::string error_answer;  // for a second "+", which carries an error; without CRLF
};

/// The command of `way`; the initial response goes along only with SASL-IR, which Yandex lacks.
/// Errors: bad_argument (NUL in a name or password; CR or LF where LOGIN is used; a control
/// character in what goes with a token).
Result<LoginPlan> plan_login(LoginWay way, const Credentials& credentials,
                             const Capabilities& capabilities);

}  // namespace postern::imap
