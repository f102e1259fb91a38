// /tokens: programs that may come in.
#include "core/json_fields.hpp"
#include "web/api.hpp"
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
    problems.push_back({"/scopes/" + std::to_string(i),
                        "must be one of admin, read, send, pull, metrics and operate"});
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
  };
}

}  // namespace postern::web
