// OAuthServer: how the flows talk to the authorization servers of apps: their rows, their endpoints
// (found by discovery where need be) and one request at a time. It decides nothing.
#pragma once

#include "flows/context.hpp"
#include "net/http_client.hpp"
#include "oauth/provider.hpp"
#include "oauth/token_answer.hpp"
#include "oauth/token_request.hpp"

#include <map>
#include <string>
#include <variant>

namespace postern::flows {

/// Everything that a request in an app's name needs.
struct AppAtServer {
  storage::StoredOAuthApp app;
  OAuthAppSecrets secrets;
  oauth::Provider provider;
  oauth::Endpoints endpoints;
};

/// Lives on one executor, as its HttpClient.
class OAuthServer {
 public:
  explicit OAuthServer(Context& context) : context_(context), http_(context.env) {}

  /// Before the program's end.
  void drop_idle() { http_.drop_idle(); }

  /// Errors: not_found; oauth::errc::unavailable and app_fault (no endpoints to be found).
  net::Task<Result<AppAtServer>> open(std::string app);

  /// Who asks, for a request just now.
  oauth::Client client(const AppAtServer& at);

  /// The token endpoint's answer to `form`; a network's error is a transient fault. A fault's words
  /// hold no secret of ours.
  net::Task<std::variant<oauth::Tokens, oauth::TokenFault>> ask(const AppAtServer& at,
                                                                oauth::Form form);

  /// Any other request. Errors: oauth::errc::unavailable.
  net::Task<Result<net::HttpResponse>> call(const AppAtServer& at, net::HttpRequest request);

  /// 256 bits of chance as text.
  std::string token();

 private:
  struct Discovered {
    oauth::Endpoints endpoints;
    Duration at;  // of Env::steady()
  };
  net::Task<Result<oauth::Endpoints>> discover(const AppAtServer& at);

  Context& context_;
  net::HttpClient http_;
  std::map<std::string, Discovered> discovered_;  // by app and version
};

}  // namespace postern::flows
