// /silences: what people want to hear nothing of for a while, or in a maintenance window.
#include "web/api.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

json::object shown(const storage::StoredSilence& stored, Instant now) {
  auto result = to_json(stored.value);
  result["active"] = in_force(stored.value, now);
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

Response shown_response(const storage::StoredSilence& stored, Instant now, int status = 200) {
  auto response = json_response(shown(stored, now), status);
  response.headers.emplace_back("ETag", etag_of(stored.version));
  return response;
}

/// Names of integrations become their ids: a name may change.
net::Task<Answer<Silence>> read_silence(Api& api, const json::object& body) {
  FieldProblems problems;
  auto silence = parse_silence(body, problems);
  for (std::size_t i = 0; i < silence.integrations.size(); ++i) {
    auto& each = silence.integrations[i];
    if (IntegrationId::parse(each)) continue;
    const auto found = co_await api.store.integrations().find(each);
    if (found) {
      each = found.value().value.id.str();
    } else if (found.error().code == storage::errc::not_found) {
      problems.push_back({"/integrations/" + std::to_string(i), "there is no such integration"});
    } else {
      co_return Problem(found.error());
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return silence;
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.silences().list());
  POSTERN_CO_TRY(const auto part,
                 page_of<storage::StoredSilence>(
                     std::move(all), page, [](const auto& each) { return each.value.id.str(); }));
  json::array items;
  for (const auto& each : part.items) items.push_back(shown(each, api.env.now()));
  co_return page_response(std::move(items), part.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  POSTERN_CO_TRY(auto silence, co_await read_silence(api, body));
  const auto now = api.env.now();
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.silences().create(std::move(silence), call.identity.name, now));
  api.gateway.monitoring_changed();
  auto response = shown_response(stored, now, 201);
  response.headers.emplace_back("Location", "/api/v1/silences/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<SilenceId>(call, "silence"));
  POSTERN_CO_TRY(const auto stored, co_await api.store.silences().get(id));
  co_return shown_response(stored, api.env.now());
}

net::Task<Answer<Response>> put(Api& api, Call& call, SilenceId id, json::object body,
                                std::optional<std::uint64_t> version) {
  POSTERN_CO_TRY(auto silence, co_await read_silence(api, body));
  silence.id = id;
  const auto now = api.env.now();
  POSTERN_CO_TRY(const auto stored, co_await api.store.silences().replace(
                                        std::move(silence), version, call.identity.name, now));
  api.gateway.monitoring_changed();
  co_return shown_response(stored, now);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<SilenceId>(call, "silence"));
  POSTERN_CO_TRY(auto body, object_body(call));
  POSTERN_CO_TRY(const auto former, co_await api.store.silences().get(id));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  co_return co_await put(api, call, id, std::move(body), version);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<SilenceId>(call, "silence"));
  POSTERN_CO_TRY(const auto changes, object_body(call));
  POSTERN_CO_TRY(const auto former, co_await api.store.silences().get(id));
  POSTERN_CO_TRY(if_match(call, former.version));
  auto merged = to_json(former.value);
  merge_patch(merged, changes);
  co_return co_await put(api, call, id, std::move(merged), former.version);
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<SilenceId>(call, "silence"));
  POSTERN_CO_TRY(const auto former, co_await api.store.silences().get(id));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.silences().remove(id, version));
  api.gateway.monitoring_changed();
  co_return no_content();
}

constexpr std::string_view by_id = "/api/v1/silences/{silence}";
constexpr AnswerDoc one{200, "application/json", "Silence"};

}  // namespace

Routes silence_routes() {
  return {
      {"GET",
       "/api/v1/silences",
       scope_read,
       BodyKind::none,
       list,
       {"Silences and maintenance windows",
        "limit cursor",
        "",
        {{200, "application/json", "SilencePage"}}}},
      {"POST",
       "/api/v1/silences",
       scope_operate,
       BodyKind::json,
       create,
       {"Hear nothing of some problems for a while, or in the same hours of every week",
        "",
        "SilenceInput",
        {{201, "application/json", "Silence"}}}},
      {"GET", by_id, scope_read, BodyKind::none, get, {"One silence", "", "", {one}}},
      {"PUT",
       by_id,
       scope_operate,
       BodyKind::json,
       replace,
       {"Replace a silence", "", "SilenceInput", {one}}},
      {"PATCH",
       by_id,
       scope_operate,
       BodyKind::merge_patch,
       patch,
       {"Change some fields of a silence", "", "SilencePatch", {one}}},
      {"DELETE",
       by_id,
       scope_operate,
       BodyKind::none,
       remove,
       {"End a silence: what still fails is told", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
