// Access: who a caller is, and what may be done in that name.
//
// Three ways in: the admin token of the configuration, API tokens (stored as hashes, with scopes),
// and people's sessions (a cookie; a write needs the CSRF token beside it), who may what their role
// says. Lives on the server's executor; holds the counts of wrong logins in memory.
#pragma once

#include "core/secret.hpp"
#include "net/env.hpp"
#include "net/login_limit.hpp"
#include "storage/accounts.hpp"
#include "storage/people.hpp"
#include "web/http.hpp"
#include "web/problem.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

/// Bits: what a token is good for. An admin may do all.
enum Scope : std::uint8_t {
  scope_none = 0,  // as a route's need: open to all
  scope_admin = 1,
  scope_read = 2,
  scope_send = 4,
  scope_pull = 8,
  scope_metrics = 16,
  scope_operate = 32,  // acts on what is there: check, retry, enable, acknowledge
};
using Scopes = std::uint8_t;
inline constexpr Scopes all_scopes = 63;

struct ScopeWord {
  std::string_view word;
  Scope scope;
};
inline constexpr std::array scope_table = {
    ScopeWord{"admin", scope_admin},     ScopeWord{"read", scope_read},
    ScopeWord{"send", scope_send},       ScopeWord{"pull", scope_pull},
    ScopeWord{"metrics", scope_metrics}, ScopeWord{"operate", scope_operate}};

/// "admin", "read", … → its bit; nothing for another word.
std::optional<Scope> parse_scope(std::string_view word);
/// "read or pull".
std::string scope_words(Scopes scopes);

struct Identity {
  std::string name;  // for modified_by: a token's or a person's name
  std::string id;    // for Idempotency-Key: unique among tokens and people
  Scopes scopes = scope_none;
  std::string session;  // the session's secret id when it came by cookie
  std::string role;     // a person's
  storage::SessionId session_id;
  Instant session_ends_at;
};

/// Whether `identity` may use a route that takes any of `needed`.
bool allows(const Identity& identity, Scopes needed);

class Access {
 public:
  Access(net::Env& env, storage::Accounts& accounts, storage::People& people, Secret admin_token);

  /// Who sent `request`. `writes`: a session's caller must show its CSRF token.
  /// Problems: 401 (nobody, or a wrong token), 403 (CSRF), 429 (too many wrong tokens; right ones
  /// still pass, as their 256 bits cannot be guessed).
  net::Task<Answer<Identity>> identify(const Request& request, bool writes);

  net::LoginLimit& limit() { return limit_; }                  // by address
  net::LoginLimit& account_limit() { return account_limit_; }  // by a person's name

 private:
  net::Task<Answer<Identity>> by_token(const Request& request, std::string_view token);
  net::Task<Answer<Identity>> by_session(const Request& request, std::string id, bool writes);
  Problem wrong(const Request& request);

  net::Env& env_;
  storage::Accounts& accounts_;
  storage::People& people_;
  Secret admin_token_;
  net::LoginLimit limit_;
  net::LoginLimit account_limit_;
};

/// The session id in a Cookie header; empty when there is none.
std::string_view session_cookie(const Request& request);
inline constexpr std::string_view session_cookie_name = "postern_session";

/// 429 with Retry-After.
Problem too_many_logins(Duration wait);

}  // namespace postern::web
