// TokenKeeper: fresh access tokens for all who log in by OAuth 2.0. One for all shards: it lives on
// its home executor, and who asks from another one hops there and back.
//
// Rows are the truth: a token is given out only after it is on the disk together with the refresh
// token that came with it. One request a grant is on its way at a time, and all who wait have its
// answer. Only the token endpoint's own answer makes a grant need consent.
#pragma once

#include "core/oauth.hpp"
#include "flows/context.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postern::flows {

/// `serial` names it without telling it: the grant's next token has another.
struct AccessToken {
  Secret value;
  Secret former;  // the grant's token before it; empty: none is known
  std::uint64_t serial = 0;
  bool refreshed = false;  // for whoever asked
  std::optional<Instant> expires_at;
  std::vector<std::string> scopes;
  std::string identity;
};

class TokenKeeper {
 public:
  TokenKeeper(Context& context, boost::asio::any_io_executor home);
  ~TokenKeeper();  // after stop(), if it was started

  /// Begins to keep idle grants alive and to remind of secrets that end. On `home`, as stop().
  void start();
  /// Waits a few seconds for the requests on their way: their answers may hold a new refresh token.
  net::Task<void> stop();

  /// A token that is good for a while yet. From any executor; comes back to it.
  /// Errors: oauth::errc (consent_needed, no_grant, app_fault, unavailable, throttled), storage's.
  net::Task<Result<AccessToken>> fresh(OAuthGrantId grant);

  /// A server refused the token `serial`. True: there is another one now, worth one more
  /// connection. False: it was made after a refusal and no server has taken it yet; another one
  /// would not help. Errors: as fresh(), and then they are the reason.
  net::Task<Result<bool>> renew(OAuthGrantId grant, std::uint64_t serial);

  /// A server let someone in with it. From any thread.
  void accepted(OAuthGrantId grant, std::uint64_t serial);

  /// The app is another now: a server that asked for patience may be asked again. On `home`.
  void app_changed(OAuthAppId app);

  /// Set by the hub: called on `home` when a grant came to need consent.
  void set_on_change(std::function<void(OAuthGrantId)> on_change);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with calls that are posted to `home`
};

}  // namespace postern::flows
