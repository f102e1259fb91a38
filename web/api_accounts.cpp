// /tokens and /session: who may come in.
#include "core/json_fields.hpp"
#include "net/scope.hpp"
#include "web/integration_resource.hpp"
#include "web/password.hpp"
#include "web/routes.hpp"
#include "web/token.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr std::string_view token_etag = "\"1\"";  // a token never changes

json::object token_json(const storage::TokenRow& row) {
  json::object result;
  result["id"] = row.id.str();
  result["name"] = row.name;
  result["scopes"] = json::array(row.scopes.begin(), row.scopes.end());
  result["created_at"] = to_rfc3339(row.created_at);
  result["expires_at"] = nullptr;
  if (row.expires_at) result["expires_at"] = to_rfc3339(*row.expires_at);
  result["last_used_at"] = nullptr;
  if (row.last_used_at) result["last_used_at"] = to_rfc3339(*row.last_used_at);
  return result;
}

Answer<storage::TokenRow> read_token(const Call& call, Instant now) {
  POSTERN_TRY(const auto body, object_body(call));
  storage::TokenRow row;
  row.created_at = now;
  std::optional<std::string> expires_at;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("name", row.name, {.bytes_max = 200, .required = true});
  fields.texts("scopes", row.scopes, {}, 10);
  fields.text("expires_at", expires_at);
  fields.finish();
  if (row.scopes.empty()) problems.push_back({"/scopes", "must name at least one scope"});
  for (std::size_t i = 0; i < row.scopes.size(); ++i) {
    if (parse_scope(row.scopes[i])) continue;
    problems.push_back(
        {"/scopes/" + std::to_string(i), "must be one of admin, read, send, pull and metrics"});
  }
  if (expires_at) {
    row.expires_at = parse_rfc3339(*expires_at);
    if (!row.expires_at) problems.push_back({"/expires_at", "must be an RFC 3339 date-time"});
  }
  if (!problems.empty()) return invalid_body(std::move(problems));
  return row;
}

net::Task<Answer<Response>> create_token(Api& api, Call& call) {
  POSTERN_CO_TRY(auto row, read_token(call, api.env.now()));
  const auto made = make_token();
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.accounts().create_token(std::move(row), made.sha256));
  auto body = token_json(stored);
  body["token"] = made.token.reveal();
  auto response = json_response(body, 201);
  response.headers.emplace_back("Location", "/api/v1/tokens/" + stored.id.str());
  response.headers.emplace_back("ETag", token_etag);
  co_return response;
}

net::Task<Answer<Response>> list_tokens(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.accounts().list_tokens());
  std::ranges::sort(all, {}, &storage::TokenRow::id);
  POSTERN_CO_TRY(const auto shown,
                 page_of<storage::TokenRow>(std::move(all), page,
                                            [](const auto& each) { return each.id.str(); }));
  json::array items;
  for (const auto& each : shown.items) items.push_back(token_json(each));
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<storage::TokenRow>> named_token(Api& api, const Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<TokenId>(call, "token"));
  POSTERN_CO_TRY(const auto all, co_await api.store.accounts().list_tokens());
  const auto found = std::ranges::find(all, id, &storage::TokenRow::id);
  if (found == all.end()) co_return Error{make_error_code(storage::errc::not_found), ""};
  co_return *found;
}

net::Task<Answer<Response>> get_token(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto row, co_await named_token(api, call));
  auto response = json_response(token_json(row));
  response.headers.emplace_back("ETag", token_etag);
  co_return response;
}

net::Task<Answer<Response>> remove_token(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto row, co_await named_token(api, call));
  POSTERN_CO_TRY(if_match(call, 1));
  POSTERN_CO_TRY(co_await api.store.accounts().remove_token(row.id));
  co_return no_content();
}

net::Task<bool> verify(Secret password, std::string hash) {
  co_return verify_password(password, hash);
}

struct Login {
  std::string name;
  Secret password;
};

Answer<Login> read_login(const Call& call) {
  POSTERN_TRY(const auto body, object_body(call));
  std::string name;
  std::string password;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("name", name, {.bytes_max = 200, .required = true});
  fields.text("password", password, {.bytes_max = password_bytes_max, .required = true});
  fields.finish();
  if (!problems.empty()) return invalid_body(std::move(problems));
  return Login{std::move(name), Secret(std::move(password))};
}

std::string cookie(const Api& api, std::string_view value, std::chrono::seconds age) {
  return std::string(session_cookie_name) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(age.count()) +
         (api.options.secure_cookies ? "; Secure" : "");
}

Response opened(Api& api, const std::string& user) {
  const auto session = api.access.sessions().open(user, api.env.steady());
  json::object body;
  body["name"] = user;
  body["csrf_token"] = session.csrf_token;
  body["expires_at"] = to_rfc3339(api.env.now() + session_lifetime);
  auto response = json_response(body);
  response.headers.emplace_back(
      "Set-Cookie",
      cookie(api, session.id, std::chrono::floor<std::chrono::seconds>(session_lifetime)));
  return response;
}

/// A wrong login is counted before the password is looked at, so that many at once gain nothing.
net::Task<Answer<Response>> open_session(Api& api, Call& call) {
  POSTERN_CO_TRY(auto login, read_login(call));
  auto& limit = api.access.limit();
  const auto& client = call.request.client;
  limit.count(client, api.env.steady());
  if (const auto wait = limit.wait(client, api.env.steady())) co_return too_many_logins(*wait);
  POSTERN_CO_TRY(const auto user, co_await api.store.accounts().find_user(login.name));
  auto hash = user ? user->password_hash : std::string(nobodys_hash());
  auto checking = verify(std::move(login.password), std::move(hash));
  const bool right = co_await net::run_on(api.hashing, std::move(checking));
  if (!right || !user) {
    co_return Problem(401, "wrong_login", "The name or the password is wrong.",
                      "postern user set-password sets a password.");
  }
  limit.forgive(client);
  co_return opened(api, user->name);
}

net::Task<Answer<Response>> close_session(Api& api, Call& call) {
  if (!call.identity.session.empty()) api.access.sessions().close(call.identity.session);
  auto response = no_content();
  response.headers.emplace_back("Set-Cookie", cookie(api, "", std::chrono::seconds(0)));
  co_return response;
}

constexpr Scopes anyone = scope_admin | scope_read | scope_send | scope_pull | scope_metrics;

}  // namespace

Routes account_routes() {
  return {
      {"GET",
       "/api/v1/tokens",
       scope_admin,
       BodyKind::none,
       list_tokens,
       {"All API tokens, oldest first",
        "limit cursor",
        "",
        {{200, "application/json", "TokenPage"}}}},
      {"POST",
       "/api/v1/tokens",
       scope_admin,
       BodyKind::json,
       create_token,
       {"Create an API token; the answer alone shows it",
        "",
        "TokenInput",
        {{201, "application/json", "TokenWithSecret"}}}},
      {"GET",
       "/api/v1/tokens/{token}",
       scope_admin,
       BodyKind::none,
       get_token,
       {"One API token", "", "", {{200, "application/json", "Token"}}}},
      {"DELETE",
       "/api/v1/tokens/{token}",
       scope_admin,
       BodyKind::none,
       remove_token,
       {"Delete an API token; it is refused from now on", "", "", {{204, "", ""}}}},
      {"POST",
       "/api/v1/session",
       scope_none,
       BodyKind::json,
       open_session,
       {"Log in: a cookie, and the token that writes need beside it",
        "",
        "Login",
        {{200, "application/json", "Session"}}}},
      {"DELETE",
       "/api/v1/session",
       anyone,
       BodyKind::none,
       close_session,
       {"Log out", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
