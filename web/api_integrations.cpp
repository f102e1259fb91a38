// /integrations: create, read, change, delete, and the acts on one of them.
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

/// How often a PATCH without If-Match is laid over a row that others change meanwhile.
constexpr int patch_tries_max = 5;

/// The row is written; the supervisor follows. Should that fail, the row is still the truth.
net::Task<void> tell_flows(Api& api, const Call& call, IntegrationId id) {
  const auto told = co_await api.gateway.integration_changed(id);
  if (!told) log_failure(call, "restarting an integration", told.error());
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.integrations().list());
  std::ranges::sort(all, {}, [](const auto& each) { return each.value.id; });
  POSTERN_CO_TRY(const auto shown,
                 page_of<storage::StoredIntegration>(
                     std::move(all), page, [](const auto& each) { return each.value.id.str(); }));
  json::array items;
  for (const auto& each : shown.items) items.push_back(integration_json(each));
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, read_integration(body));
  POSTERN_CO_TRY(const auto stored, co_await api.store.integrations().create(
                                        std::move(draft), call.identity.name, api.env.now()));
  co_await tell_flows(api, call, stored.value.id);
  note_act(api, call, stored.value.id, "integration.created", "created");
  auto response = integration_response(stored, 201);
  response.headers.emplace_back("Location", "/api/v1/integrations/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  co_return integration_response(stored);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto draft, read_integration(body));
  POSTERN_CO_TRY(const auto stored, co_await api.store.integrations().replace(
                                        former.value.id, std::move(draft), version,
                                        call.identity.name, api.env.now()));
  co_await tell_flows(api, call, stored.value.id);
  note_act(api, call, stored.value.id, "integration.changed", "changed");
  co_return integration_response(stored);
}

bool changed_meanwhile(const Error& error) {
  return error.code == make_error_code(storage::errc::version_mismatch);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  const bool conditional = call.request.header("if-match") != nullptr;
  for (int tries = 1;; ++tries) {
    POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
    const auto demanded = if_match(call, former.version);
    if (!demanded) co_return demanded.error();
    POSTERN_CO_TRY(auto draft, patched_integration(former, changes));
    const auto stored = co_await api.store.integrations().replace(
        former.value.id, std::move(draft), former.version, call.identity.name, api.env.now());
    if (stored) {
      co_await tell_flows(api, call, former.value.id);
      note_act(api, call, former.value.id, "integration.changed", "changed");
      co_return integration_response(stored.value());
    }
    const bool again = changed_meanwhile(stored.error()) && !conditional;
    if (!again || tries == patch_tries_max) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.integrations().remove(former.value.id, version,
                                                          call.identity.name, api.env.now()));
  co_await tell_flows(api, call, former.value.id);
  co_return no_content();
}

constexpr std::string_view by_name = "/api/v1/integrations/{integration}";
constexpr AnswerDoc one{200, "application/json", "Integration"};

}  // namespace

Routes integration_routes() {
  return {
      {"GET",
       "/api/v1/integrations",
       scope_read,
       BodyKind::none,
       list,
       {"All integrations, oldest first",
        "limit cursor",
        "",
        {{200, "application/json", "IntegrationPage"}}}},
      {"POST",
       "/api/v1/integrations",
       scope_admin,
       BodyKind::json,
       create,
       {"Create an integration",
        "",
        "IntegrationInput",
        {{201, "application/json", "Integration"}}}},
      {"GET",
       by_name,
       scope_read,
       BodyKind::none,
       get,
       {"One integration, by id or name", "", "", {one}}},
      {"PUT",
       by_name,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace an integration; passwords left out are kept", "", "IntegrationInput", {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields (JSON Merge Patch); null brings the default back",
        "",
        "IntegrationPatch",
        {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete an integration; its received mail stays", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
