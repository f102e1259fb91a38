// /profiles: how people are told.
#include "web/api.hpp"
#include "web/event_rule_names.hpp"
#include "web/event_rule_resource.hpp"
#include "web/patch_tries.hpp"
#include "web/profile_book.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

json::object profile_json(const storage::StoredProfile& stored) {
  auto result = to_json(stored.value);
  result["warnings"] = warnings_json(warnings_of(stored.value));
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

Response profile_response(const storage::StoredProfile& stored) {
  auto response = json_response(profile_json(stored));
  response.headers.emplace_back("ETag", etag_of(stored.version));
  return response;
}

Answer<ProfileDraft> read_profile(const json::value& body) {
  auto read = parse_profile(body);
  if (auto* problems = std::get_if<FieldProblems>(&read)) return invalid_body(std::move(*problems));
  return std::get<ProfileDraft>(std::move(read));
}

net::Task<Answer<storage::StoredProfile>> named_profile(Api& api, const Call& call) {
  auto found = co_await api.store.profiles().find(call.parameter("profile"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.profiles().list());
  POSTERN_CO_TRY(const auto shown,
                 page_of<storage::StoredProfile>(
                     std::move(all), page, [](const auto& each) { return each.value.id.str(); }));
  json::array items;
  for (const auto& each : shown.items) items.push_back(profile_json(each));
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, read_profile(body));
  POSTERN_CO_TRY(co_await settle_names(api, draft.value));
  POSTERN_CO_TRY(const auto stored, co_await api.store.profiles().create(
                                        std::move(draft), call.identity.name, api.env.now()));
  POSTERN_CO_TRY(const auto secrets, co_await api.store.profiles().secrets(stored.value.id));
  auto shown = profile_json(stored);
  show_secrets(shown.at("channels").as_array(), stored.value.channels, secrets);
  auto response = json_response(shown, 201);
  response.headers.emplace_back("ETag", etag_of(stored.version));
  response.headers.emplace_back("Location", "/api/v1/profiles/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_profile(api, call));
  co_return profile_response(stored);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_profile(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto draft, read_profile(body));
  POSTERN_CO_TRY(co_await settle_names(api, draft.value, &former.value));
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.profiles().replace(former.value.id, std::move(draft), version,
                                                       call.identity.name, api.env.now()));
  api.gateway.monitoring_changed();
  co_return profile_response(stored);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(const auto former, co_await named_profile(api, call));
    POSTERN_CO_TRY(if_match(call, former.version));
    auto merged = to_json(former.value);
    merge_patch(merged, changes);
    POSTERN_CO_TRY(auto draft, read_profile(merged));
    POSTERN_CO_TRY(co_await settle_names(api, draft.value, &former.value));
    const auto stored = co_await api.store.profiles().replace(
        former.value.id, std::move(draft), former.version, call.identity.name, api.env.now());
    if (stored) {
      api.gateway.monitoring_changed();
      co_return profile_response(stored.value());
    }
    if (!tries.again(stored.error())) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_profile(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.profiles().remove(former.value.id, version));
  co_return no_content();
}

constexpr std::string_view by_name = "/api/v1/profiles/{profile}";
constexpr AnswerDoc one{200, "application/json", "Profile"};

}  // namespace

Routes profile_routes() {
  return {
      {"GET",
       "/api/v1/profiles",
       scope_read,
       BodyKind::none,
       list,
       {"All notification profiles, oldest first",
        "limit cursor",
        "",
        {{200, "application/json", "ProfilePage"}}}},
      {"POST",
       "/api/v1/profiles",
       scope_admin,
       BodyKind::json,
       create,
       {"Create a profile; the answer alone shows the secrets its webhooks sign with",
        "",
        "ProfileInput",
        {{201, "application/json", "Profile"}}}},
      {"GET",
       by_name,
       scope_read,
       BodyKind::none,
       get,
       {"One profile, by id or name", "", "", {one}}},
      {"PUT",
       by_name,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace a profile; secrets of channels to the same host are kept",
        "",
        "ProfileInput",
        {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields (JSON Merge Patch)", "", "ProfilePatch", {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete a profile that no event rule uses", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
