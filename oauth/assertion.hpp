// Assertions: JSON Web Tokens that an app or a service account signs with its key.
//
// RFC 7515 (JWS), RFC 7523 (as a client's proof, and as a grant). Made with OpenSSL directly: three
// claims and one signature need no library.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"
#include "oauth/errc.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::oauth {

/// Proves the app at its token endpoint: PS256, with the certificate's x5t#S256 in the header when
/// there is one; iss and sub are the client's id, aud is the token endpoint, good for ten minutes.
/// Errors: bad_key. Source: RFC 7523 §3, Entra's certificate credentials.
struct ClientAssertion {
  std::string client_id, token_endpoint, certificate_pem, key_id;
  std::string id;  // jti: never the same twice
  Instant now;
};
Result<Secret> client_assertion(const ClientAssertion& claims, const Secret& private_key_pem);

/// A service account's grant in the name of `subject`: RS256, good for an hour.
/// Errors: bad_key. Source: RFC 7523 §2.1, Google's domain-wide delegation.
struct ServiceAssertion {
  std::string account, subject, token_endpoint, key_id;
  std::vector<std::string> scopes;
  Instant now;
};
Result<Secret> service_assertion(const ServiceAssertion& claims, const Secret& private_key_pem);

/// Whether the key can sign (RSA of 2048 bits or more) and, where there is a certificate, whether
/// it is that one's. Errors: bad_key, the detail says what is wrong.
Result<void> check_key(const Secret& private_key_pem, std::string_view certificate_pem);

/// BASE64URL(SHA256(DER of the first certificate)). Errors: bad_key. Source: RFC 7515 §4.1.8.
Result<std::string> thumbprint_of(std::string_view certificate_pem);

/// Until when the first certificate is good. Errors: bad_key.
Result<Instant> certificate_end(std::string_view certificate_pem);

}  // namespace postern::oauth
