// /integrations: create, read, change, delete, and the acts on one of them.
#include "core/base64.hpp"
#include "core/integration_json.hpp"
#include "web/audit.hpp"
#include "web/integration_list.hpp"
#include "web/integration_resource.hpp"
#include "web/patch_tries.hpp"
#include "web/routes.hpp"

#include <map>

namespace postern::web {
namespace {

namespace json = boost::json;

/// The row is written; the supervisor follows. Should that fail, the row is still the truth.
net::Task<void> tell_flows(Api& api, const Call& call, IntegrationId id) {
  const auto told = co_await api.gateway.integration_changed(id);
  if (!told) log_failure(call, "restarting an integration", told.error());
}

/// For the audit log: what differs now, and a password that was given.
void tell_changes(Call& call, const Integration& former, const Integration& now,
                  const json::value& body) {
  auto changed = differences(to_json(former), to_json(now));
  for (const char* password : {"/incoming/auth/password", "/outgoing/auth/password"}) {
    boost::system::error_code ec;
    if (body.find_pointer(password, ec) != nullptr) changed.emplace_back(password);
  }
  call.changed = std::move(changed);
  call.changed_resource = "/api/v1/integrations/" + now.id.str();
}

/// Whether the query asks for `name`=true. Problems: another word than true or false.
Answer<bool> asked_for(const Call& call, std::string_view name) {
  const auto* word = call.target.parameter(name);
  if (word == nullptr || *word == "false") return false;
  if (*word == "true") return true;
  return invalid_parameter(name, "must be true or false");
}

/// The ids of a page. Where all are meant, only its own are read; else all are looked at by what
/// lists go by.
net::Task<Answer<storage::Page<IntegrationId>>> ids_of_page(Api& api, const IntegrationWish& wish,
                                                            const storage::PageRequest& page) {
  const auto place = place_of(wish.sort, page.cursor);
  if (!place) co_return invalid_parameter("cursor", "is not a cursor that this server gave out");
  auto& integrations = api.store.integrations();
  if (!is_wide(wish)) {
    POSTERN_CO_TRY(const auto all, co_await integrations.entries());
    co_return page_in_order(all, wish, page);
  }
  POSTERN_CO_TRY(const auto found,
                 co_await integrations.entries_behind(wish.sort, *place, page.limit + 1));
  co_return page_in_order(found, wish, page);
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(auto page, page_request(call));
  POSTERN_CO_TRY(const auto wish, integration_wish(call.target));
  POSTERN_CO_TRY(const bool with_checks, asked_for(call, "checks"));
  POSTERN_CO_TRY(const bool with_queue, asked_for(call, "queue"));
  const bool by_age = wish.sort == IntegrationSort::age;
  if (!page.cursor.empty() && !by_age) {
    const auto key = from_base64url(page.cursor);
    if (!key) co_return invalid_parameter("cursor", "is not a cursor that this server gave out");
    page.cursor = *key;
  }
  POSTERN_CO_TRY(auto ids, co_await ids_of_page(api, wish, page));
  POSTERN_CO_TRY(const auto shown, co_await api.store.integrations().some(std::move(ids.items)));
  std::map<IntegrationId, std::int64_t> queued;
  if (with_queue) {
    POSTERN_CO_TRY(const auto counted, co_await api.figures.queued_by_integration());
    queued.insert(counted.begin(), counted.end());
  }
  json::array items;
  for (const auto& each : shown) {
    auto item = integration_json(each);
    if (with_checks) item["checks"] = checks_json(api.gateway.past_checks(each.value.id));
    if (with_queue) item["queued"] = queued[each.value.id];
    items.push_back(std::move(item));
  }
  const auto& next = ids.next_cursor;
  co_return page_response(std::move(items), by_age || next.empty() ? next : to_base64url(next));
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

/// When the certificate of a direction's server ends, as it was seen last; null: not seen yet.
json::value certificate_end(const std::vector<storage::SeenCertificate>& all,
                            const ServerAddress& server) {
  const auto name = server.host + ":" + std::to_string(server.port);
  for (const auto& each : all) {
    if (each.server == name) return json::value(to_rfc3339(each.ends_at));
  }
  return nullptr;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto seen, co_await api.store.certificates().list());
  auto shown = integration_json(stored);
  auto& status = shown.at("status").as_object();
  const auto& value = stored.value;
  status["incoming_certificate_ends_at"] = certificate_end(seen, value.incoming.server);
  status["outgoing_certificate_ends_at"] = certificate_end(seen, value.outgoing.server);
  auto response = json_response(std::move(shown));
  response.headers.emplace_back("ETag", etag_of(stored.version));
  co_return response;
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto draft, read_integration(body));
  POSTERN_CO_TRY(const auto stored, co_await api.store.integrations().replace(
                                        former.value.id, std::move(draft), version,
                                        call.identity.name, api.env.now()));
  tell_changes(call, former.value, stored.value, body);
  co_await tell_flows(api, call, stored.value.id);
  note_act(api, call, stored.value.id, "integration.changed", "changed");
  co_return integration_response(stored);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
    POSTERN_CO_TRY(if_match(call, former.version));
    POSTERN_CO_TRY(auto draft, patched_integration(former, changes));
    const auto stored = co_await api.store.integrations().replace(
        former.value.id, std::move(draft), former.version, call.identity.name, api.env.now());
    if (stored) {
      tell_changes(call, former.value, stored.value().value, json::value(changes));
      co_await tell_flows(api, call, former.value.id);
      note_act(api, call, former.value.id, "integration.changed", "changed");
      co_return integration_response(stored.value());
    }
    if (!tries.again(stored.error())) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.integrations().remove(former.value.id, version,
                                                          call.identity.name, api.env.now()));
  call.changed_resource = "/api/v1/integrations/" + former.value.id.str();
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
       {"Integrations, oldest first; filtered and sorted (age, name, trouble) as wished",
        "limit cursor q state provider direction sort checks queue",
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
