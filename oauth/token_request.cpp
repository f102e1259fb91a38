// See token_request.hpp.
#include "oauth/token_request.hpp"

#include "core/base64.hpp"
#include "oauth/assertion.hpp"
#include "oauth/errc.hpp"

#include <fmt/format.h>

namespace postern::oauth {
namespace {

constexpr const char* device_grant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr const char* assertion_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr const char* assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string basic(const OAuthApp& app, const Secret& secret) {
  const auto text = fmt::format("{}:{}", form_word(app.client_id), form_word(secret.reveal()));
  return "Basic " + to_base64(text);
}

}  // namespace

Form code_form(const std::string& code, const std::string& verifier,
               const std::string& redirect_uri) {
  Form form;
  form.emplace_back("grant_type", "authorization_code");
  form.emplace_back("code", code);
  form.emplace_back("redirect_uri", redirect_uri);
  form.emplace_back("code_verifier", verifier);
  return form;
}

Form refresh_form(const Secret& refresh_token) {
  Form form;
  form.emplace_back("grant_type", "refresh_token");
  form.emplace_back("refresh_token", refresh_token.reveal());
  return form;
}

Form client_credentials_form(const std::vector<std::string>& scopes) {
  Form form;
  form.emplace_back("grant_type", "client_credentials");
  if (!scopes.empty()) form.emplace_back("scope", joined(scopes));
  return form;
}

Form device_form(const std::string& device_code) {
  Form form;
  form.emplace_back("grant_type", device_grant);
  form.emplace_back("device_code", device_code);
  return form;
}

Result<Form> service_account_form(const Client& client, const std::string& subject,
                                  const std::vector<std::string>& scopes) {
  ServiceAssertion claims;
  claims.account = client.app.client_id;
  claims.subject = subject;
  claims.token_endpoint = client.endpoints.token;
  claims.key_id = client.app.key_id;
  claims.scopes = scopes;
  claims.now = client.now;
  POSTERN_TRY(const auto assertion, service_assertion(claims, client.secrets.private_key_pem));
  Form form;
  form.emplace_back("grant_type", assertion_grant);
  form.emplace_back("assertion", assertion.reveal());
  return form;
}

Result<net::HttpRequest> to_endpoint(const Client& client, const std::string& url, Form form) {
  if (url.empty()) return Error{errc::app_fault, "the app has no such endpoint"};
  net::HttpRequest request;
  request.url = url;
  request.headers.emplace_back("Accept", "application/json");
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  const auto& app = client.app;
  const bool itself = app.flow == OAuthFlow::service_account;
  const auto& secret = client.secrets.client_secret;
  if (!itself && !client.secrets.private_key_pem.empty()) {
    ClientAssertion claims;
    claims.client_id = app.client_id;
    claims.token_endpoint = client.endpoints.token;
    claims.certificate_pem = app.certificate_pem;
    claims.key_id = app.key_id;
    claims.id = client.id;
    claims.now = client.now;
    POSTERN_TRY(const auto proof, client_assertion(claims, client.secrets.private_key_pem));
    form.emplace_back("client_id", app.client_id);
    form.emplace_back("client_assertion_type", assertion_type);
    form.emplace_back("client_assertion", proof.reveal());
  } else if (!itself && !secret.empty() && client.secret_by_basic) {
    request.headers.emplace_back("Authorization", basic(app, secret));
  } else if (!itself) {
    form.emplace_back("client_id", app.client_id);
    if (!secret.empty()) form.emplace_back("client_secret", secret.reveal());
  }
  request.body = form_text(form);
  return request;
}

Result<net::HttpRequest> device_authorization(const Client& client,
                                              const std::vector<std::string>& scopes) {
  Form form;
  form.emplace_back("scope", joined(scopes));
  return to_endpoint(client, client.endpoints.device_authorization, std::move(form));
}

Result<net::HttpRequest> revocation(const Client& client, const Secret& refresh_token) {
  Form form;
  form.emplace_back("token", refresh_token.reveal());
  form.emplace_back("token_type_hint", "refresh_token");
  return to_endpoint(client, client.endpoints.revocation, std::move(form));
}

net::HttpRequest userinfo(const std::string& url, const Secret& access_token) {
  net::HttpRequest request;
  request.method = "GET";
  request.url = url;
  request.headers.emplace_back("Accept", "application/json");
  request.headers.emplace_back("Authorization", fmt::format("Bearer {}", access_token.reveal()));
  return request;
}

}  // namespace postern::oauth
