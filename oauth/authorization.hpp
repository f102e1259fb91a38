// Authorization: how a person is sent to the provider and comes back, with PKCE.
//
// RFC 6749 §4.1 (code), RFC 7636 (PKCE, S256 alone), RFC 9207 (iss in the answer).
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"
#include "oauth/errc.hpp"
#include "oauth/provider.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::oauth {

/// 256 bits of chance as 43 characters, for a state, a verifier, a nonce. `words` are four.
std::string random_token(const std::vector<std::uint64_t>& words);

/// BASE64URL(SHA256(ASCII(verifier))). Source: RFC 7636 §4.2.
std::string challenge_of(std::string_view verifier);

struct AuthorizationRequest {
  std::string redirect_uri, state, verifier, nonce;
  std::vector<std::string> scopes;
  std::string login_hint;  // empty: none
};

/// Where the browser is sent. Where offline_access is asked for, OpenID Connect wants
/// prompt=consent, unless the provider's own parameters say otherwise (Core §11).
std::string authorization_url(const Provider& provider, const Endpoints& endpoints,
                              const OAuthApp& app, const AuthorizationRequest& request);

/// What the browser brings back.
struct AuthorizationAnswer {
  std::string code, state, issuer, error, error_description;
};

/// The code in the answer. Errors: refused (the provider's error, quoted), wrong issuer as
/// bad_identity_token: another server's answer is slipped to us.
/// Source: RFC 6749 §4.1.2.1, RFC 9207 §2.4.
Result<std::string> code_in(const AuthorizationAnswer& answer, const Endpoints& endpoints);

/// Whether `actual` is what `expected` says; a "{tenant}" in it stands for any one segment.
bool issuer_fits(std::string_view expected, std::string_view actual);

/// A foreign server's words: one line, printable, at most 300 bytes, nothing that looks like a
/// credential.
std::string quoted(std::string_view words);

}  // namespace postern::oauth
