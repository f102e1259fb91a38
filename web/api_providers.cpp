// /providers: the mail providers people pick from. Those that Postern knows by itself can be
// hidden; admins add their own beside them.
#include "flows/provider_book.hpp"
#include "oauth/provider_json.hpp"
#include "oauth/providers.hpp"
#include "web/api.hpp"
#include "web/patch_tries.hpp"
#include "web/routes.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

namespace postern::web {
namespace {

namespace json = boost::json;

struct Shown {
  oauth::Provider value;
  std::optional<storage::ProviderRow> row;  // nothing: known, and nobody has hidden it
  bool known = false;

  bool hidden() const { return row && row->hidden; }
  std::uint64_t version() const { return row ? row->version : 0; }
};

json::object shown_json(const Shown& shown) {
  auto result = oauth::to_json(shown.value);
  result["built_in"] = shown.known;
  result["hidden"] = shown.hidden();
  if (!shown.known) {
    result["created_at"] = to_rfc3339(shown.row->created_at);
    result["modified_at"] = to_rfc3339(shown.row->modified_at);
    result["modified_by"] = shown.row->modified_by;
  }
  return result;
}

Response shown_response(const Shown& shown, int status = 200) {
  auto response = json_response(shown_json(shown), status);
  response.headers.emplace_back("ETag", etag_of(shown.version()));
  return response;
}

/// The known ones in their order, then the admins' own in the order they came.
net::Task<Answer<std::vector<Shown>>> all_providers(Api& api) {
  POSTERN_CO_TRY(auto rows, co_await api.store.providers().list());
  std::vector<Shown> all;
  for (const auto& known : oauth::known_providers()) all.push_back({known, std::nullopt, true});
  for (auto& row : rows) {
    const auto same = std::ranges::find(all, row.id, [](const Shown& s) { return s.value.id; });
    if (same != all.end()) {
      same->row = std::move(row);
    } else {
      POSTERN_CO_TRY(auto own, flows::read_provider(row));
      all.push_back({std::move(own), std::move(row), false});
    }
  }
  co_return all;
}

Problem no_provider(const std::string& id) {
  return {404, "not_found", "There is no provider \"" + id + "\".", "Look at GET /providers."};
}

net::Task<Answer<Shown>> named_provider(Api& api, const Call& call) {
  const auto& id = call.parameter("provider");
  POSTERN_CO_TRY(auto row, co_await api.store.providers().find(id));
  if (const auto* known = oauth::known_provider(id)) co_return Shown{*known, std::move(row), true};
  if (!row) co_return no_provider(id);
  POSTERN_CO_TRY(auto own, flows::read_provider(*row));
  co_return Shown{std::move(own), std::move(row), false};
}

struct Written {
  oauth::Provider value;
  bool hidden = false;
};

Answer<Written> read_written(const json::object& body) {
  auto read = oauth::parse_provider(body);
  FieldProblems problems;
  if (auto* found = std::get_if<FieldProblems>(&read)) problems = std::move(*found);
  Written written;
  if (const auto* hidden = body.if_contains("hidden"); hidden != nullptr && !hidden->is_null()) {
    if (hidden->is_bool()) {
      written.hidden = hidden->get_bool();
    } else {
      problems.push_back({"/hidden", "must be true or false"});
    }
  }
  if (!problems.empty()) return invalid_body(std::move(problems));
  written.value = std::get<oauth::Provider>(std::move(read));
  return written;
}

storage::ProviderRow row_of(const Written& written, bool known) {
  storage::ProviderRow row;
  row.id = written.value.id;
  row.hidden = written.hidden;
  if (!known) row.definition = json::serialize(oauth::to_json(written.value));
  return row;
}

/// A known one stays what it is, and an id stays what it was: integrations and apps go by it.
std::optional<Problem> change_problem(const Shown& former, const Written& wanted) {
  if (wanted.value.id != former.value.id) {
    return invalid_body({{"/id", "can't be changed; add another provider instead"}});
  }
  if (!former.known || oauth::to_json(wanted.value) == oauth::to_json(former.value)) {
    return std::nullopt;
  }
  return Problem(409, "built_in", "This provider is built in: it can be hidden, not changed.",
                 "Add one of your own under another id, and hide this one.");
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  bool with_hidden = false;
  if (const auto* wanted = call.target.parameter("hidden")) {
    if (*wanted != "true" && *wanted != "false") {
      co_return invalid_parameter("hidden", "must be true or false");
    }
    with_hidden = *wanted == "true";
  }
  POSTERN_CO_TRY(auto all, co_await all_providers(api));
  // What stands at a place stays there: the cursor counts places, hidden ones too.
  struct Placed {
    const Shown* shown = nullptr;
    std::string place;
  };
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (with_hidden || !all[i].hidden()) placed.push_back({&all[i], fmt::format("{:06}", i)});
  }
  POSTERN_CO_TRY(const auto part, page_of<Placed>(std::move(placed), page,
                                                  [](const Placed& each) { return each.place; }));
  json::array items;
  for (const auto& each : part.items) items.push_back(shown_json(*each.shown));
  co_return page_response(std::move(items), part.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  POSTERN_CO_TRY(const auto written, read_written(body));
  if (oauth::known_provider(written.value.id) != nullptr) {
    co_return Problem(409, "name_taken", "A built-in provider has this id.", "Choose another id.");
  }
  POSTERN_CO_TRY(auto row, co_await api.store.providers().create(
                               row_of(written, false), call.identity.name, api.env.now()));
  auto response = shown_response({written.value, std::move(row), false}, 201);
  response.headers.emplace_back("Location", "/api/v1/providers/" + written.value.id);
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto shown, co_await named_provider(api, call));
  co_return shown_response(shown);
}

net::Task<Answer<Shown>> put(Api& api, const Call& call, Shown former, json::object body) {
  POSTERN_CO_TRY(auto written, read_written(body));
  if (auto problem = change_problem(former, written)) co_return std::move(*problem);
  auto stored = co_await api.store.providers().replace(
      row_of(written, former.known), former.version(), call.identity.name, api.env.now());
  if (!stored) co_return Problem(stored.error());
  co_return Shown{std::move(written.value), std::move(stored).value(), former.known};
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(auto body, object_body(call));
  POSTERN_CO_TRY(auto former, co_await named_provider(api, call));
  POSTERN_CO_TRY(if_match(call, former.version()));
  if (!body.contains("id")) body["id"] = former.value.id;
  POSTERN_CO_TRY(const auto shown, co_await put(api, call, std::move(former), std::move(body)));
  co_return shown_response(shown);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(auto former, co_await named_provider(api, call));
    POSTERN_CO_TRY(if_match(call, former.version()));
    auto merged = shown_json(former);
    merge_patch(merged, changes);
    const auto shown = co_await put(api, call, std::move(former), std::move(merged));
    if (shown) co_return shown_response(shown.value());
    if (!tries.again(shown.error())) co_return shown.error();
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_provider(api, call));
  POSTERN_CO_TRY(if_match(call, former.version()));
  if (former.known) {
    co_return Problem(409, "built_in", "This provider is built in: it can be hidden, not deleted.",
                      "PATCH it with {\"hidden\": true}.");
  }
  POSTERN_CO_TRY(co_await api.store.providers().remove(former.value.id, former.version()));
  co_return no_content();
}

constexpr std::string_view by_id = "/api/v1/providers/{provider}";
constexpr AnswerDoc one{200, "application/json", "Provider"};

}  // namespace

Routes provider_routes() {
  return {
      {"GET",
       "/api/v1/providers",
       scope_read,
       BodyKind::none,
       list,
       {"Mail providers: servers, logins, OAuth; those hidden only with ?hidden=true",
        "limit cursor hidden",
        "",
        {{200, "application/json", "ProviderPage"}}}},
      {"POST",
       "/api/v1/providers",
       scope_admin,
       BodyKind::json,
       create,
       {"Add a provider of your own",
        "",
        "ProviderInput",
        {{201, "application/json", "Provider"}}}},
      {"GET", by_id, scope_read, BodyKind::none, get, {"One provider", "", "", {one}}},
      {"PUT",
       by_id,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace a provider of your own", "", "ProviderInput", {one}}},
      {"PATCH",
       by_id,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields; of a built-in one only `hidden`", "", "ProviderPatch", {one}}},
      {"DELETE",
       by_id,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete a provider of your own", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
