// Requests to the token endpoint, one for each way to a token, with the app's proof of itself.
//
// RFC 6749 §2.3.1 (secrets), §4.1.3 (code), §4.4.2 (client credentials), §6 (refresh); RFC 7523
// (assertions); RFC 8628 §3.4 (device); RFC 7009 (revocation).
#pragma once

#include "net/http_client.hpp"
#include "oauth/form.hpp"
#include "oauth/provider.hpp"

#include <string>
#include <vector>

namespace postern::oauth {

/// Who asks. References live as long as the call.
struct Client {
  const OAuthApp& app;
  const OAuthAppSecrets& secrets;
  const Endpoints& endpoints;
  bool secret_by_basic = false;
  Instant now;     // of an assertion
  std::string id;  // of an assertion: never the same twice
};

Form code_form(const std::string& code, const std::string& verifier,
               const std::string& redirect_uri);
Form refresh_form(const Secret& refresh_token);
Form client_credentials_form(const std::vector<std::string>& scopes);
Form device_form(const std::string& device_code);

/// The grant of a service account in the name of `subject`. Errors: bad_key.
Result<Form> service_account_form(const Client& client, const std::string& subject,
                                  const std::vector<std::string>& scopes);

/// POST `form` to `url` (the token endpoint, or another of the server's), with the proof: an
/// assertion where the app has a key, else its secret, else its id alone; a service account's
/// form proves itself. Errors: bad_key, app_fault (no such endpoint).
Result<net::HttpRequest> to_endpoint(const Client& client, const std::string& url, Form form);

/// To the device authorization endpoint. Errors: as above. Source: RFC 8628 §3.1.
Result<net::HttpRequest> device_authorization(const Client& client,
                                              const std::vector<std::string>& scopes);

/// Source: RFC 7009 §2.1. Errors: as above.
Result<net::HttpRequest> revocation(const Client& client, const Secret& refresh_token);

/// GET of the userinfo endpoint. Source: OpenID Connect Core §5.3.1.
net::HttpRequest userinfo(const std::string& url, const Secret& access_token);

}  // namespace postern::oauth
