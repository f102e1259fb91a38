// /settings: thresholds, recipients and texts of notices, changed while it runs, over the
// configuration. null gives a setting back to the configuration.
#include "core/monitoring.hpp"
#include "core/notice_habits.hpp"
#include "web/api.hpp"
#include "web/profile_book.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

net::Task<Answer<Response>> shown_response(Api& api, storage::StoredSettings stored) {
  POSTERN_CO_TRY(const auto profiles, co_await ProfileBook::load(api));
  FieldProblems ignored;
  const auto settings =
      changed_settings(api.gateway.configured_monitoring(), stored.changed, ignored);
  auto result = to_json(settings);
  write_habits(habits_of(stored.changed), result.at("notices").as_object());
  result["warnings"] = warnings_json(warnings_of(settings, profiles.find()));
  result["modified_at"] =
      stored.modified_at ? json::value(to_rfc3339(*stored.modified_at)) : json::value(nullptr);
  result["modified_by"] =
      stored.modified_by.empty() ? json::value(nullptr) : json::value(stored.modified_by);
  auto response = json_response(std::move(result));
  response.headers.emplace_back("ETag", etag_of(stored.version));
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call&) {
  POSTERN_CO_TRY(const auto stored, co_await api.store.settings().get());
  co_return co_await shown_response(api, stored);
}

/// Profiles are named by id or name, and kept by id.
net::Task<Answer<json::object>> with_profile_ids(Api& api, json::object changes) {
  auto* monitoring = changes.if_contains("monitoring");
  if (monitoring == nullptr || !monitoring->is_object()) co_return changes;
  auto* named = monitoring->get_object().if_contains("profiles");
  if (named == nullptr || !named->is_array()) co_return changes;
  FieldProblems problems;
  for (std::size_t i = 0; i < named->get_array().size(); ++i) {
    auto& each = named->get_array()[i];
    const auto name = std::string(each.as_string());
    const auto found = co_await api.store.profiles().find(name);
    if (found) {
      each = found.value().value.id.str();
    } else if (found.error().code == storage::errc::not_found) {
      problems.push_back({"/monitoring/profiles/" + std::to_string(i),
                          "there is no notification profile \"" + name + "\""});
    } else {
      co_return Problem(found.error());
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return changes;
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(auto changes, object_body(call));
  POSTERN_CO_TRY(auto former, co_await api.store.settings().get());
  POSTERN_CO_TRY(if_match(call, former.version));
  FieldProblems problems;
  static_cast<void>(changed_settings(api.gateway.configured_monitoring(), changes, problems));
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  POSTERN_CO_TRY(changes, co_await with_profile_ids(api, std::move(changes)));
  auto merged = former.changed;
  merge_patch(merged, changes);
  merged.erase("modified_at");
  merged.erase("modified_by");
  merged.erase("warnings");
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.settings().replace(std::move(merged), former.version,
                                                       call.identity.name, api.env.now()));
  api.gateway.monitoring_changed();
  co_return co_await shown_response(api, stored);
}

constexpr AnswerDoc one{200, "application/json", "Settings"};

}  // namespace

Routes settings_routes() {
  return {
      {"GET",
       "/api/v1/settings",
       scope_read,
       BodyKind::none,
       get,
       {"Thresholds, recipients and texts of notices, as they hold now", "", "", {one}}},
      {"PATCH",
       "/api/v1/settings",
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change settings while it runs; null gives one back to the configuration",
        "",
        "SettingsPatch",
        {one}}},
  };
}

}  // namespace postern::web
