#include "flows/oauth_server.hpp"

#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/masking.hpp"
#include "flows/provider_book.hpp"
#include "oauth/authorization.hpp"
#include "oauth/discovery.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

constexpr Duration discovery_good_for = std::chrono::hours(1);
constexpr std::size_t discovered_max = 1000;
constexpr std::size_t answer_bytes_max = 256 * 1024;

TlsPolicy tls_of(const OAuthApp& app) {
  TlsPolicy tls;
  tls.ca_pem = app.ca_pem;
  return tls;
}

std::string host_of(const std::string& url) {
  const auto parts = net::parse_url(url);
  return parts ? parts.value().host : url;
}

oauth::TokenFault transport_fault(const Error& error) {
  oauth::TokenFault fault;
  fault.error = "transport";
  fault.words = error.detail;
  fault.hint = "The authorization server could not be reached; it is tried again.";
  return fault;
}

std::vector<Secret> secrets_of(const AppAtServer& at, const oauth::Form& form) {
  std::vector<Secret> secrets;
  if (!at.secrets.client_secret.empty()) secrets.push_back(at.secrets.client_secret);
  for (const auto& [name, value] : form) {
    const bool secret = name == "refresh_token" || name == "code" || name == "code_verifier" ||
                        name == "assertion" || name == "client_secret" || name == "device_code";
    if (secret && !value.empty()) secrets.emplace_back(value);
  }
  return secrets;
}

}  // namespace

std::string OAuthServer::token() {
  auto& env = context_.env;
  std::vector<std::uint64_t> words;
  for (int i = 0; i < 4; ++i) words.push_back(env.random());
  return oauth::random_token(words);
}

oauth::Client OAuthServer::client(const AppAtServer& at) {
  return oauth::Client{at.app.value,       at.secrets,
                       at.endpoints,       at.provider.quirks.client_secret_by_basic,
                       context_.env.now(), token()};
}

net::Task<Result<AppAtServer>> OAuthServer::open(std::string app) {
  AppAtServer at;
  POSTERN_CO_TRY(at.app, co_await context_.store.oauth().find_app(std::move(app)));
  POSTERN_CO_TRY(at.secrets, co_await context_.store.oauth().app_secrets(at.app.value.id));
  auto provider = co_await provider_named(context_.store, at.app.value.provider);
  if (!provider && provider.error().code == storage::errc::not_found) {
    co_return Error{oauth::errc::app_fault, "there is no provider " + at.app.value.provider};
  }
  POSTERN_CO_TRY(at.provider, std::move(provider));
  at.endpoints = oauth::endpoints_of(at.provider, at.app.value);
  if (oauth::needs_discovery(at.endpoints, at.app.value.flow)) {
    POSTERN_CO_TRY(at.endpoints, co_await discover(at));
  }
  if (at.endpoints.token.empty()) {
    co_return Error{oauth::errc::app_fault, "the app has no token endpoint"};
  }
  co_return at;
}

net::Task<Result<oauth::Endpoints>> OAuthServer::discover(const AppAtServer& at) {
  const auto key = fmt::format("{} {}", at.app.value.id.str(), at.app.version);
  const Duration now = context_.env.steady();
  const auto known = discovered_.find(key);
  if (known != discovered_.end() && now - known->second.at < discovery_good_for) {
    co_return known->second.endpoints;
  }
  net::HttpRequest request;
  request.method = "GET";
  request.url = oauth::discovery_url(at.endpoints.issuer);
  request.headers.emplace_back("Accept", "application/json");
  POSTERN_CO_TRY(const auto response, co_await call(at, std::move(request)));
  if (response.status != 200) {
    co_return Error{oauth::errc::unavailable,
                    fmt::format("the discovery document is answered with {}", response.status)};
  }
  POSTERN_CO_TRY(auto found, oauth::with_discovered(at.endpoints, response.body));
  if (discovered_.size() >= discovered_max) discovered_.clear();
  discovered_[key] = Discovered{found, now};
  co_return found;
}

net::Task<Result<net::HttpResponse>> OAuthServer::call(const AppAtServer& at,
                                                       net::HttpRequest request) {
  net::HttpLimits limits;
  limits.connect = limits::oauth_connect;
  limits.whole = limits::oauth_request;
  limits.body_bytes_max = answer_bytes_max;
  const auto host = host_of(request.url);
  auto answered = co_await http_.call(std::move(request), tls_of(at.app.value), limits);
  if (answered) co_return std::move(answered).value();
  co_return Error{oauth::errc::unavailable,
                  fmt::format("{}: {}", host, describe(answered.error()))};
}

net::Task<std::variant<oauth::Tokens, oauth::TokenFault>> OAuthServer::ask(const AppAtServer& at,
                                                                           oauth::Form form) {
  const auto secrets = secrets_of(at, form);
  const auto asker = client(at);
  auto request = oauth::to_endpoint(asker, at.endpoints.token, std::move(form));
  if (!request) {
    oauth::TokenFault fault;
    fault.kind = oauth::FaultKind::app;
    fault.error = "bad_key";
    fault.words = describe(request.error());
    fault.hint =
        "Give the app a private key that can sign, and the certificate that belongs to it.";
    co_return fault;
  }
  auto answered = co_await call(at, std::move(request).value());
  if (!answered) co_return transport_fault(answered.error());
  auto answer = oauth::read_token_answer(answered.value());
  if (auto* fault = std::get_if<oauth::TokenFault>(&answer)) {
    const Masking masking(secrets);
    fault->words = masking.mask(fault->words);
    fault->error = masking.mask(fault->error);
    log::info("{}: {}: {}", at.app.value.name, host_of(at.endpoints.token), fault->words);
  }
  co_return answer;
}

}  // namespace postern::flows
