// /targets/{target}/replay: what a target is given outside its turn.
#include "core/json_fields.hpp"
#include "web/api.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

/// Mails of one transaction: it holds up other writers for some milliseconds.
constexpr int replay_page_mails = 200;

net::Task<Answer<storage::StoredTarget>> named_target(Api& api, const Call& call) {
  auto found = co_await api.store.targets().find(call.parameter("target"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

void read_time(JsonFields& fields, std::string_view name, std::optional<Instant>& out) {
  std::optional<std::string> text;
  fields.text(name, text, {.bytes_max = 100});
  if (!text) return;
  out = parse_rfc3339(*text);
  if (!out) fields.problem(name, "must be a time as 2026-01-31T12:00:00Z");
}

Answer<storage::ReplaySpan> read_span(const json::object& body, Instant now) {
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  std::optional<Instant> since, until;
  read_time(fields, "since", since);
  read_time(fields, "until", until);
  if (!since && problems.empty()) fields.problem("since", "is required");
  storage::ReplaySpan span;
  span.until = until.value_or(now);
  span.since = since.value_or(span.until);
  if (since && span.since >= span.until) fields.problem("until", "must be later than since");
  fields.finish();
  if (!problems.empty()) return invalid_body(std::move(problems));
  return span;
}

net::Task<Answer<Response>> replay(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  POSTERN_CO_TRY(auto span, read_span(body, api.env.now()));
  POSTERN_CO_TRY(const auto target, co_await named_target(api, call));
  std::int64_t count = 0;
  for (bool more = true; more;) {
    POSTERN_CO_TRY(const auto page, co_await api.store.handovers().replay(
                                        target.value.id, span, replay_page_mails, api.env.now()));
    count += page.count;
    more = page.more;
    span.after = page.last;
    if (page.count > 0) api.gateway.handovers_queued();
  }
  json::object answer;
  answer["count"] = count;
  co_return json_response(answer, 202);
}

}  // namespace

Routes replay_routes() {
  return {
      {"POST",
       "/api/v1/targets/{target}/replay",
       scope_operate,
       BodyKind::json,
       replay,
       {"Hand the mails stored in a span of time over again; those that wait are not doubled",
        "",
        "ReplayRequest",
        {{202, "application/json", "Replayed"}}}},
  };
}

}  // namespace postern::web
