// Identity: who authorised, as the id_token or the userinfo endpoint tells it, and whether that is
// whose mailbox it is.
//
// Read only from an answer of the token endpoint itself: TLS proves the server there, so that the
// signature need not be checked (OpenID Connect Core §3.1.3.7, point 6).
#pragma once

#include "core/secret.hpp"
#include "core/time.hpp"
#include "oauth/errc.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::oauth {

/// What is demanded of an id_token; what is empty is not.
struct IdentityDemand {
  std::string issuer, client_id, nonce;
  Instant now;
};

/// The names by which the person is known: e-mail, user names, subject; the best first.
struct Identity {
  std::vector<std::string> names;

  /// The first that is an address, else the first, else empty.
  std::string shown() const;
};

/// Errors: bad_identity_token (malformed, of another issuer, for another client, past its end, not
/// of our request).
Result<Identity> identity_in(const Secret& id_token, const IdentityDemand& demand);

/// From the userinfo endpoint's answer. Errors: bad_identity_token.
Result<Identity> identity_in_userinfo(std::string_view body);

enum class Fit { fits, differs, unknown };

/// Whether one of the names is one of the mailbox's (its login, its address), letters' case aside.
/// Unknown: nothing that could be compared, no address on one of the two sides.
Fit fit(const Identity& identity, const std::vector<std::string>& mailbox);

}  // namespace postern::oauth
