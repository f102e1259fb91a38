// Tokens and cookies made into an Identity, or into the problem that says what is missing.
#include "web/access.hpp"

#include "web/role.hpp"
#include "web/sessions.hpp"
#include "web/token.hpp"

#include <algorithm>

namespace postern::web {
namespace {

constexpr std::size_t token_bytes_max = 512;

/// credentials = auth-scheme 1*SP token68; the scheme in any case. Source: RFC 9110 §11.4.
std::optional<std::string_view> bearer_token(const Request& request) {
  const auto* header = request.header("authorization");
  if (header == nullptr) return std::nullopt;
  constexpr std::string_view scheme = "bearer ";
  const std::string_view text = *header;
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  if (text.size() < scheme.size() ||
      !std::ranges::equal(text.substr(0, scheme.size()), scheme, same)) {
    return std::string_view();
  }
  auto token = text.substr(scheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token.size() > token_bytes_max ? std::string_view() : token;
}

Problem unauthorized(std::string detail) {
  Problem problem(401, "unauthorized", std::move(detail),
                  "Send Authorization: Bearer TOKEN; postern token create makes one.");
  problem.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"postern\"");
  return problem;
}

}  // namespace

std::optional<Scope> parse_scope(std::string_view word) {
  const auto found = std::ranges::find(scope_table, word, &ScopeWord::word);
  if (found == scope_table.end()) return std::nullopt;
  return found->scope;
}

std::string scope_words(Scopes scopes) {
  std::string words;
  for (const auto& [word, scope] : scope_table) {
    if ((scopes & scope) == 0) continue;
    if (!words.empty()) words += " or ";
    words += word;
  }
  return words;
}

bool allows(const Identity& identity, Scopes needed) {
  return needed == scope_none || (identity.scopes & (needed | scope_admin)) != 0;
}

std::string_view session_cookie(const Request& request) {
  const auto* header = request.header("cookie");
  std::string_view text = header == nullptr ? std::string_view() : *header;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == session_cookie_name) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

Problem too_many_logins(Duration wait) {
  Problem problem(429, "too_many_logins", "Too many wrong logins came from this address.",
                  "Wait as long as Retry-After says.");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  problem.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds)));
  return problem;
}

Access::Access(net::Env& env, storage::Accounts& accounts, storage::People& people,
               Secret admin_token)
    : env_(env), accounts_(accounts), people_(people), admin_token_(std::move(admin_token)) {}

Problem Access::wrong(const Request& request) {
  limit_.count(request.client, env_.steady());
  if (const auto wait = limit_.wait(request.client, env_.steady())) return too_many_logins(*wait);
  return unauthorized("The token is not valid.");
}

net::Task<Answer<Identity>> Access::by_token(const Request& request, std::string_view token) {
  if (token.empty()) co_return wrong(request);
  if (!admin_token_.empty() && equal_in_constant_time(token, admin_token_.reveal())) {
    co_return Identity{"admin", "admin", scope_admin, "", "", {}, {}};
  }
  POSTERN_CO_TRY(const auto row, co_await accounts_.find_token(sha256_hex(token)));
  if (!row || (row->expires_at && *row->expires_at <= env_.now())) co_return wrong(request);
  Identity identity{row->name, row->id.str(), scope_none, "", "", {}, {}};
  for (const auto& word : row->scopes) {
    if (const auto scope = parse_scope(word)) identity.scopes |= *scope;
  }
  co_return identity;
}

net::Task<Answer<Identity>> Access::by_session(const Request& request, std::string id,
                                               bool writes) {
  POSTERN_CO_TRY(const auto row, co_await people_.find_session(sha256_hex(id), env_.now()));
  const auto role = row ? parse_role(row->role) : std::nullopt;
  if (!role) co_return unauthorized("The session has ended.");
  const auto* shown = request.header("x-csrf-token");
  if (writes && (shown == nullptr || !equal_in_constant_time(*shown, csrf_token_of(id)))) {
    co_return Problem(403, "csrf_token_missing", "A write in a session needs its CSRF token.",
                      "Send the csrf_token of POST /session as X-CSRF-Token.");
  }
  Identity identity{row->person, "user:" + row->person, scopes_of(*role), std::move(id), row->role,
                    row->id,     row->ends_at};
  co_return identity;
}

net::Task<Answer<Identity>> Access::identify(const Request& request, bool writes) {
  if (const auto token = bearer_token(request)) co_return co_await by_token(request, *token);
  if (const auto id = session_cookie(request); !id.empty()) {
    co_return co_await by_session(request, std::string(id), writes);
  }
  co_return unauthorized("This needs a token or a session.");
}

}  // namespace postern::web
