// /problems: what is wrong, and since when; and the notices that went out about it.
#include "web/api.hpp"
#include "web/routes.hpp"

#include <map>

namespace postern::web {
namespace {

namespace json = boost::json;

net::Task<Answer<std::map<IntegrationId, std::string>>> integration_names(Api& api) {
  POSTERN_CO_TRY(const auto integrations, co_await api.store.integrations().entries());
  std::map<IntegrationId, std::string> names;
  for (const auto& each : integrations) names[each.id] = each.name;
  co_return names;
}

/// Until when nothing is told of it; nothing when no silence covers it now.
std::optional<json::value> silenced_until(const std::vector<storage::StoredSilence>& silences,
                                          const postern::Problem& problem, Instant now) {
  for (const auto& each : silences) {
    if (!in_force(each.value, now) || !matches(each.value, problem)) continue;
    return each.value.until ? json::value(to_rfc3339(*each.value.until)) : json::value(nullptr);
  }
  return std::nullopt;
}

struct Surroundings {
  std::map<IntegrationId, std::string> names;
  std::vector<storage::StoredSilence> silences;
  Instant now;
};

net::Task<Answer<Surroundings>> surroundings(Api& api) {
  Surroundings around;
  POSTERN_CO_TRY(around.names, co_await integration_names(api));
  POSTERN_CO_TRY(around.silences, co_await api.store.silences().list());
  around.now = api.env.now();
  co_return around;
}

json::object shown(const postern::Problem& problem, Surroundings& around) {
  auto result = to_json(problem, around.names[problem.key.integration]);
  const auto until = silenced_until(around.silences, problem, around.now);
  result["silenced"] = until.has_value();
  result["silenced_until"] = until.value_or(nullptr);
  return result;
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  storage::ProblemFilter filter;
  if (const auto* state = call.target.parameter("state")) {
    filter.state = parse_problem_state(*state);
    if (!filter.state) {
      co_return invalid_parameter("state", "must be pending, open, recovering, flapping or closed");
    }
  }
  POSTERN_CO_TRY(filter.integration, co_await integration_filter(api, call));
  POSTERN_CO_TRY(const auto found, co_await api.store.problems().list(filter, page));
  POSTERN_CO_TRY(auto around, co_await surroundings(api));
  json::array items;
  for (const auto& each : found.items) items.push_back(shown(each, around));
  co_return page_response(std::move(items), found.next_cursor);
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<ProblemId>(call, "problem"));
  POSTERN_CO_TRY(const auto problem, co_await api.store.problems().get(id));
  POSTERN_CO_TRY(auto around, co_await surroundings(api));
  co_return json_response(shown(problem, around));
}

net::Task<Answer<Response>> acknowledge(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<ProblemId>(call, "problem"));
  POSTERN_CO_TRY(const auto former, co_await api.store.problems().get(id));
  if (!former.active()) {
    co_return Problem(409, "closed", "This problem is over.", "Look at GET /problems.");
  }
  POSTERN_CO_TRY(const auto problem,
                 co_await api.gateway.acknowledge_problem(id, call.identity.name));
  POSTERN_CO_TRY(auto around, co_await surroundings(api));
  co_return json_response(shown(problem, around));
}

json::object notice_json(const storage::StoredNotice& notice) {
  json::array problems;
  for (const auto id : notice.problems) problems.push_back(json::value(id.str()));
  return {{"id", notice.id.str()},
          {"kind", notice.kind},
          {"at", to_rfc3339(notice.at)},
          {"state", notice.state},
          {"problems", std::move(problems)},
          {"subject", notice.subject},
          {"text", notice.text},
          {"tries", notice.tries},
          {"channels", notice.channels}};
}

net::Task<Answer<Response>> list_notices(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  std::optional<ProblemId> problem;
  if (const auto* text = call.target.parameter("problem")) {
    problem = ProblemId::parse(*text);
    if (!problem) co_return invalid_parameter("problem", "must be the id of a problem");
  }
  POSTERN_CO_TRY(const auto found, co_await api.store.problems().notices(problem, page));
  json::array items;
  for (const auto& each : found.items) items.push_back(notice_json(each));
  co_return page_response(std::move(items), found.next_cursor);
}

constexpr AnswerDoc one{200, "application/json", "AlertProblem"};

}  // namespace

Routes problem_routes() {
  return {
      {"GET",
       "/api/v1/problems",
       scope_read,
       BodyKind::none,
       list,
       {"What is wrong now, newest first; closed problems with ?state=closed",
        "limit cursor state integration",
        "",
        {{200, "application/json", "AlertProblemPage"}}}},
      {"GET",
       "/api/v1/problems/{problem}",
       scope_read,
       BodyKind::none,
       get,
       {"One problem", "", "", {one}}},
      {"POST",
       "/api/v1/problems/{problem}/acknowledge",
       scope_operate,
       BodyKind::none,
       acknowledge,
       {"Take a problem on: no reminders of it any more", "", "", {one}}},
      {"GET",
       "/api/v1/notices",
       scope_read,
       BodyKind::none,
       list_notices,
       {"The notices about problems, newest first, and how each way of sending them went",
        "limit cursor problem",
        "",
        {{200, "application/json", "NoticePage"}}}},
  };
}

}  // namespace postern::web
