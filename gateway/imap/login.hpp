// How to log in: what the integration gives, what the server offers, which command comes of it.
#pragma once

#include "core/secret.hpp"
#include "imap/capabilities.hpp"
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
  Secret sasl;           // xoauth2, oauthbearer: the initial response, raw (not base64)
};

}  // namespace postern::imap
