// Redaction: takes out of a text what looks like a credential. The second line of defence: secrets
// are Secret and print as ***; this is for the words of servers, libraries and clients.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// `text` with *** in place of: the values of Authorization headers and Bearer tokens; what follows
/// AUTHENTICATE and AUTH with a mechanism; the password of LOGIN; whsec_… and pst_… tokens; JWTs;
/// values of password=, client_secret=, refresh_token= and the like, also as JSON; user information
/// in URLs. Keeps the rest as it was.
std::string redact(std::string_view text);

}  // namespace postern
