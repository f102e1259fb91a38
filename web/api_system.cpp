// What is not a resource: health, readiness, metrics, the description.
#include "core/integration_json.hpp"
#include "web/api.hpp"
#include "web/openapi.hpp"
#include "web/routes.hpp"

#include <set>

namespace postern::web {
namespace {

namespace json = boost::json;

Response plain(std::string text) {
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

net::Task<Answer<Response>> healthz(Api&, Call&) {
  co_return plain("ok\n");
}

net::Task<Answer<Response>> readyz(Api& api, Call&) {
  if (!api.gateway.ready()) {
    co_return Problem(503, "not_ready", "The gateway is starting or stopping.");
  }
  const auto written = co_await api.store.probe();
  if (!written) co_return Problem(503, "not_ready", "Nothing can be stored at the moment.");
  co_return plain("ready\n");
}

net::Task<Answer<Response>> metrics(Api& api, Call&) {
  auto response = plain(api.gateway.metrics_text());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

net::Task<Answer<Response>> description(Api&, Call&) {
  Response response;
  response.content_type = "application/json";
  response.body = openapi_text();
  co_return response;
}

struct Findings {
  json::array issues;
  std::set<std::string> actions;
};

bool is_issue(DirectionState state) {
  switch (state) {
    case DirectionState::failing:
    case DirectionState::needs_consent:
    case DirectionState::disabled:
      return true;
    case DirectionState::ok:
    case DirectionState::waiting:
    case DirectionState::off:
      return false;
  }
  return false;
}

void look_at(Findings& findings, const storage::StoredIntegration& stored,
             std::string_view direction, DirectionState state,
             const std::optional<LastError>& error) {
  if (!stored.value.enabled || !is_issue(state)) return;
  json::object integration;
  integration["id"] = stored.value.id.str();
  integration["name"] = stored.value.name;
  json::object issue;
  issue["integration"] = std::move(integration);
  issue["direction"] = direction;
  issue["state"] = to_string(state);
  issue["since"] = error ? json::value(to_rfc3339(error->at)) : json::value(nullptr);
  issue["message"] = error ? error->message : "";
  issue["hint"] = error ? error->hint : "";
  findings.issues.push_back(std::move(issue));
  if (error && !error->hint.empty()) findings.actions.insert(error->hint);
  if (state == DirectionState::disabled) {
    findings.actions.insert("Enable " + stored.value.name + " again when its server is well.");
  }
}

/// What the states of integrations do not say.
bool stands_alone(ProblemClass of) {
  switch (of) {
    case ProblemClass::connection:
    case ProblemClass::login:
    case ProblemClass::consent:
    case ProblemClass::token:
    case ProblemClass::transfer:
      return false;
    case ProblemClass::stale:
    case ProblemClass::quarantine:
    case ProblemClass::handover:
    case ProblemClass::target:
    case ProblemClass::certificate:
    case ProblemClass::secret:
    case ProblemClass::space:
    case ProblemClass::network:
    case ProblemClass::channel:
      return true;
  }
  return true;
}

void look_at(Findings& findings, const postern::Problem& problem,
             const std::vector<storage::IntegrationEntry>& integrations) {
  const bool open = problem.state == ProblemState::open || problem.state == ProblemState::flapping;
  if (!open || !stands_alone(problem.key.of)) return;
  json::object issue;
  issue["integration"] = nullptr;
  for (const auto& each : integrations) {
    if (each.id != problem.key.integration) continue;
    issue["integration"] = json::object{{"id", each.id.str()}, {"name", each.name}};
  }
  issue["direction"] = nullptr;
  if (!problem.key.direction.empty()) issue["direction"] = problem.key.direction;
  issue["state"] = "failing";
  issue["since"] = to_rfc3339(problem.since);
  issue["message"] = problem.title + ": " + problem.message;
  issue["hint"] = problem.hint;
  issue["problem"] = problem.id.str();
  issue["kind"] = problem.kind;
  findings.issues.push_back(std::move(issue));
  if (!problem.hint.empty()) findings.actions.insert(problem.hint);
}

net::Task<Answer<void>> look_at_problems(
    Api& api, Findings& findings, const std::vector<storage::IntegrationEntry>& integrations) {
  storage::PageRequest page;
  page.limit = 500;
  for (;;) {
    storage::ProblemFilter open;
    POSTERN_CO_TRY(const auto found, co_await api.store.problems().list(open, page));
    for (const auto& each : found.items) look_at(findings, each, integrations);
    if (found.next_cursor.empty()) co_return success();
    page.cursor = found.next_cursor;
  }
}

void look_at_store(Findings& findings, const Result<void>& probe) {
  if (probe) return;
  json::object issue;
  issue["integration"] = nullptr;
  issue["direction"] = nullptr;
  issue["state"] = "failing";
  issue["since"] = nullptr;
  issue["message"] = "Nothing can be stored: " + describe(probe.error());
  issue["hint"] = "Make space on the disk of the data directory.";
  findings.issues.push_back(std::move(issue));
  findings.actions.insert("Make space on the disk of the data directory.");
}

net::Task<Answer<Response>> health(Api& api, Call&) {
  Findings findings;
  POSTERN_CO_TRY(const auto all, co_await api.store.integrations().entries());
  std::vector<IntegrationId> unwell;
  for (const auto& each : all) {
    if (is_issue(each.incoming_state) || is_issue(each.outgoing_state)) unwell.push_back(each.id);
  }
  POSTERN_CO_TRY(const auto rows, co_await api.store.integrations().some(std::move(unwell)));
  for (const auto& each : rows) {
    look_at(findings, each, "incoming", each.status.incoming_state,
            each.status.last_incoming_error);
    look_at(findings, each, "outgoing", each.status.outgoing_state,
            each.status.last_outgoing_error);
  }
  POSTERN_CO_TRY(co_await look_at_problems(api, findings, all));
  const auto probe = co_await api.store.probe();
  look_at_store(findings, probe);
  json::object body;
  const auto count = findings.issues.size();
  body["healthy"] = count == 0;
  body["message"] = count == 0   ? std::string("All is well.")
                    : count == 1 ? std::string("One thing needs attention.")
                                 : std::to_string(count) + " things need attention.";
  body["issues"] = std::move(findings.issues);
  body["actions"] = json::array(findings.actions.begin(), findings.actions.end());
  co_return json_response(body);
}

}  // namespace

Routes system_routes() {
  return {
      {"GET",
       "/api/v1/health",
       scope_read,
       BodyKind::none,
       health,
       {"Whether anything needs attention", "", "", {{200, "application/json", "Health"}}}},
      {"GET",
       "/healthz",
       scope_none,
       BodyKind::none,
       healthz,
       {"200 as long as the server serves", "", "", {{200, "text/plain", ""}}}},
      {"GET",
       "/readyz",
       scope_none,
       BodyKind::none,
       readyz,
       {"200 when mail can be taken and stored", "", "", {{200, "text/plain", ""}}}},
      {"GET",
       "/metrics",
       scope_metrics,
       BodyKind::none,
       metrics,
       {"Metrics for Prometheus", "", "", {{200, "text/plain", ""}}}},
      {"GET",
       "/openapi.json",
       scope_none,
       BodyKind::none,
       description,
       {"This description", "", "", {{200, "application/json", ""}}}},
  };
}

}  // namespace postern::web
