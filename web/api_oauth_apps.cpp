// /oauth/apps: what providers know this gateway as. Secrets and keys go in and never come out.
#include "core/oauth.hpp"
#include "flows/provider_book.hpp"
#include "oauth/assertion.hpp"
#include "web/api.hpp"
#include "web/patch_tries.hpp"
#include "web/routes.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

json::object app_json(Api& api, const storage::StoredOAuthApp& stored) {
  json::object result;
  result["id"] = stored.value.id.str();
  for (auto& [key, value] : to_json(stored.value)) result[key] = value;
  result["client_secret_set"] = stored.client_secret_set;
  result["private_key_set"] = stored.private_key_set;
  result["redirect_uri"] = nullptr;
  const auto redirect = api.gateway.redirect_uri();
  if (stored.value.flow == OAuthFlow::code && !redirect.empty()) result["redirect_uri"] = redirect;
  result["fault"] = nullptr;
  if (!stored.fault.empty()) result["fault"] = stored.fault;
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

Response app_response(Api& api, const storage::StoredOAuthApp& stored, int status = 200) {
  auto response = json_response(app_json(api, stored), status);
  response.headers.emplace_back("ETag", etag_of(stored.version));
  return response;
}

net::Task<Answer<storage::StoredOAuthApp>> named_app(Api& api, const Call& call) {
  auto found = co_await api.store.oauth().find_app(call.parameter("app"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

/// What can only be seen with the provider's table and the key in hand.
FieldProblems misfits(const OAuthApp& app, const OAuthAppSecrets& secrets,
                      const oauth::Provider& provider) {
  FieldProblems problems;
  if (std::ranges::find(provider.flows, app.flow) == provider.flows.end()) {
    problems.push_back({"/flow", "is not offered by this provider"});
  }
  const auto& key = secrets.private_key_pem;
  if (key.empty()) {
    if (!app.certificate_pem.empty()) {
      problems.push_back({"/private_key_pem", "is needed for the certificate"});
    } else if (app.flow == OAuthFlow::service_account) {
      problems.push_back({"/private_key_pem", "is needed: a service account signs with it"});
    }
  } else if (const auto checked = oauth::check_key(key, app.certificate_pem); !checked) {
    problems.push_back({"/private_key_pem", checked.error().detail});
  }
  const bool itself = app.flow == OAuthFlow::client_credentials;
  if (itself && key.empty() && secrets.client_secret.empty()) {
    problems.push_back({"/client_secret", "is needed, or a certificate with its key"});
  }
  return problems;
}

/// `former` keeps the secrets that the body does not name.
net::Task<Answer<OAuthAppDraft>> read_app(Api& api, json::value body,
                                          std::optional<OAuthAppId> former) {
  auto read = parse_oauth_app(body);
  if (auto* problems = std::get_if<FieldProblems>(&read)) {
    co_return invalid_body(std::move(*problems));
  }
  auto draft = std::get<OAuthAppDraft>(std::move(read));
  OAuthAppSecrets secrets;
  if (former) {
    POSTERN_CO_TRY(secrets, co_await api.store.oauth().app_secrets(*former));
  }
  if (draft.client_secret) secrets.client_secret = *draft.client_secret;
  if (draft.private_key_pem) secrets.private_key_pem = *draft.private_key_pem;
  auto provider = co_await flows::provider_named(api.store, draft.value.provider);
  if (!provider && provider.error().code == make_error_code(storage::errc::not_found)) {
    co_return invalid_body({{"/provider", "names no provider; see GET /providers"}});
  }
  if (!provider) co_return Problem(provider.error());
  auto wrong = misfits(draft.value, secrets, provider.value());
  if (!wrong.empty()) co_return invalid_body(std::move(wrong));
  co_return draft;
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.oauth().apps());
  POSTERN_CO_TRY(const auto shown,
                 page_of<storage::StoredOAuthApp>(
                     std::move(all), page, [](const auto& each) { return each.value.id.str(); }));
  json::array items;
  for (const auto& each : shown.items) items.push_back(app_json(api, each));
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, co_await read_app(api, std::move(body), std::nullopt));
  POSTERN_CO_TRY(const auto stored, co_await api.store.oauth().create_app(
                                        std::move(draft), call.identity.name, api.env.now()));
  auto response = app_response(api, stored, 201);
  response.headers.emplace_back("Location", "/api/v1/oauth/apps/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_app(api, call));
  co_return app_response(api, stored);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_app(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto draft, co_await read_app(api, std::move(body), former.value.id));
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.oauth().replace_app(former.value.id, std::move(draft), version,
                                                        call.identity.name, api.env.now()));
  api.gateway.oauth_app_changed(stored.value.id);
  co_return app_response(api, stored);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(const auto former, co_await named_app(api, call));
    POSTERN_CO_TRY(if_match(call, former.version));
    auto merged = to_json(former.value);
    merge_patch(merged, changes);
    // A null clears a secret: merging would drop it.
    for (const auto* name : {"client_secret", "private_key_pem"}) {
      const auto* given = changes.if_contains(name);
      if (given != nullptr && given->is_null()) merged[name] = nullptr;
    }
    POSTERN_CO_TRY(auto draft, co_await read_app(api, std::move(merged), former.value.id));
    const auto stored = co_await api.store.oauth().replace_app(
        former.value.id, std::move(draft), former.version, call.identity.name, api.env.now());
    if (stored) {
      api.gateway.oauth_app_changed(former.value.id);
      co_return app_response(api, stored.value());
    }
    if (!tries.again(stored.error())) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_app(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.oauth().remove_app(former.value.id, version));
  co_return no_content();
}

constexpr std::string_view by_name = "/api/v1/oauth/apps/{app}";
constexpr AnswerDoc one{200, "application/json", "OAuthApp"};

}  // namespace

Routes oauth_app_routes() {
  return {
      {"GET",
       "/api/v1/oauth/apps",
       scope_read,
       BodyKind::none,
       list,
       {"OAuth apps, oldest first",
        "limit cursor",
        "",
        {{200, "application/json", "OAuthAppPage"}}}},
      {"POST",
       "/api/v1/oauth/apps",
       scope_admin,
       BodyKind::json,
       create,
       {"Register what a provider knows this gateway as; secrets are never shown again",
        "",
        "OAuthAppInput",
        {{201, "application/json", "OAuthApp"}}}},
      {"GET",
       by_name,
       scope_read,
       BodyKind::none,
       get,
       {"One OAuth app, by id or name", "", "", {one}}},
      {"PUT",
       by_name,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace an OAuth app; secrets left out are kept", "", "OAuthAppInput", {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields (JSON Merge Patch)", "", "OAuthAppPatch", {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete an OAuth app that no grant was given through", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
