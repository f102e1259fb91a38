// TokenLogin: the OAuth side of one connection's login: its token, told step by step, and what
// became of it. Where the login is of another kind it does nothing.
#pragma once

#include "flows/line.hpp"
#include "flows/token_keeper.hpp"

#include <optional>

namespace postern::flows {

class TokenLogin {
 public:
  /// `auth` outlives this.
  TokenLogin(Context& context, const Auth& auth) : context_(context), auth_(auth) {}

  /// Whether the login is by OAuth.
  bool used() const { return auth_.method == AuthMethod::oauth2; }

  /// The token for this connection, before it is opened. `line` hides it and the one before, and
  /// tells the steps: token, refresh (when a fresh one was fetched), scopes. Errors: the keeper's;
  /// no_grant.
  net::Task<Result<Secret>> obtain(Line& line);

  /// The server let us in.
  void accepted();

  /// The connection ended with `error`. True: the server had refused the token and there is
  /// another one, worth one more connection. Errors: why there is none; they count instead.
  net::Task<Result<bool>> renew_after(Error error);

 private:
  Context& context_;
  const Auth& auth_;
  OAuthGrantId grant_;
  std::uint64_t serial_ = 0;  // of the token in use; 0: none
};

}  // namespace postern::flows
