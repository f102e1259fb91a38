// What happened to an integration: its activity, the transcript of its last failing session, and
// recording what is said.
#include "core/base64.hpp"
#include "core/json_fields.hpp"
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr int recording_s_default = 300;
constexpr int recording_s_max = 3600;

std::string cursor_of(const Activity& activity) {
  return to_base64url(fmt::format("{}.{}", to_milliseconds(activity.at), activity.key));
}

/// Where a page goes on: below this one.
Answer<Activity> place_of(const std::string& cursor) {
  const auto text = from_base64url(cursor).value_or("");
  Activity place;
  std::int64_t at = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, at);
  if (error != std::errc() || stopped == end || *stopped != '.') {
    return invalid_parameter("cursor", "is no cursor of this list");
  }
  place.at = from_milliseconds(at);
  place.key.assign(stopped + 1, end);
  return place;
}

net::Task<Answer<Response>> activity(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  POSTERN_CO_TRY(auto all, co_await api.store.activity().recent(stored.value.id));
  // An integration whose flow is just being replaced has nothing to remember.
  auto remembered = co_await api.gateway.remembered(stored.value.id);
  if (remembered) std::ranges::move(remembered.value(), std::back_inserter(all));
  std::ranges::sort(all, newer);
  auto begin = all.begin();
  if (!page.cursor.empty()) {
    POSTERN_CO_TRY(const auto place, place_of(page.cursor));
    begin = std::ranges::upper_bound(all, place, newer);
  }
  json::array items;
  std::string next_cursor;
  for (auto each = begin; each != all.end(); ++each) {
    if (static_cast<int>(items.size()) == page.limit) {
      next_cursor = cursor_of(*std::prev(each));
      break;
    }
    items.push_back(to_json(*each));
  }
  co_return page_response(std::move(items), next_cursor);
}

/// ?direction=; nothing: both.
Answer<std::optional<flows::Direction>> direction_of(const std::string& word) {
  if (word == "incoming") return std::optional(flows::Direction::incoming);
  if (word == "outgoing") return std::optional(flows::Direction::outgoing);
  if (word.empty()) return std::optional<flows::Direction>();
  return invalid_parameter("direction", "must be incoming or outgoing");
}

json::object no_transcript(const Integration& integration, std::string_view direction) {
  Transcript none;
  none.protocol = direction == "outgoing" ? "smtp" : integration.incoming.protocol;
  none.direction = direction.empty() ? "incoming" : direction;
  auto json = to_json(none);
  json["at"] = nullptr;
  return json;
}

net::Task<Answer<json::object>> recorded(Api& api, const Integration& integration,
                                         std::optional<flows::Direction> direction) {
  const auto first = direction.value_or(flows::Direction::incoming);
  POSTERN_CO_TRY(auto found, co_await api.gateway.recorded(integration.id, first));
  if (!direction && found.transcript.lines.empty()) {
    POSTERN_CO_TRY(auto other,
                   co_await api.gateway.recorded(integration.id, flows::Direction::outgoing));
    if (!other.transcript.lines.empty()) found = std::move(other);
  }
  if (!found.begun) co_return no_transcript(integration, to_string(first));
  auto json = to_json(found.transcript);
  json["recording_until"] = to_rfc3339(found.until);
  json["full"] = found.full;
  co_return json;
}

net::Task<Answer<Response>> transcript(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  const auto* word = call.target.parameter("direction");
  const std::string direction = word == nullptr ? "" : *word;
  POSTERN_CO_TRY(const auto wanted, direction_of(direction));
  const auto* live = call.target.parameter("recorded");
  if (live != nullptr && *live != "true" && *live != "false") {
    co_return invalid_parameter("recorded", "must be true or false");
  }
  if (live != nullptr && *live == "true") {
    POSTERN_CO_TRY(const auto json, co_await recorded(api, stored.value, wanted));
    co_return json_response(json);
  }
  POSTERN_CO_TRY(const auto kept,
                 co_await api.store.activity().transcript(stored.value.id, direction));
  if (!kept) co_return json_response(no_transcript(stored.value, direction));
  co_return json_response(to_json(*kept));
}

net::Task<Answer<Response>> record(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  int seconds = recording_s_default;
  std::optional<std::string> direction;
  if (!call.request.body.empty()) {
    POSTERN_CO_TRY(const auto body, object_body(call));
    FieldProblems problems;
    JsonFields fields(body, "", problems);
    fields.integer("seconds", seconds, 1, recording_s_max);
    fields.text("direction", direction);
    fields.finish();
    if (direction && *direction != "incoming" && *direction != "outgoing") {
      problems.push_back({"/direction", "must be incoming or outgoing, or left out for both"});
    }
    if (!problems.empty()) co_return invalid_body(std::move(problems));
  }
  POSTERN_CO_TRY(const auto wanted, direction_of(direction.value_or("")));
  const Duration duration = std::chrono::seconds(seconds);
  for (const auto each : {flows::Direction::incoming, flows::Direction::outgoing}) {
    if (wanted && *wanted != each) continue;
    POSTERN_CO_TRY(co_await api.gateway.record(stored.value.id, each, duration));
  }
  note_act(api, call, stored.value.id, "transcript.requested",
           fmt::format("recording for {} s", seconds));
  json::object answer;
  answer["recording_until"] = to_rfc3339(api.env.now() + duration);
  answer["direction"] = nullptr;
  if (direction) answer["direction"] = *direction;
  co_return json_response(answer, 202);
}

constexpr std::string_view transcript_path = "/api/v1/integrations/{integration}/transcript";

}  // namespace

void note_act(Api& api, const Call& call, IntegrationId id, std::string kind, std::string text) {
  Activity act;
  act.at = api.env.now();
  act.kind = std::move(kind);
  act.text = std::move(text) + " by " + call.identity.name;
  act.data["by"] = call.identity.name;
  api.store.activity().add_act(id, std::move(act));
}

Routes activity_routes() {
  return {
      {"GET",
       "/api/v1/integrations/{integration}/activity",
       scope_read,
       BodyKind::none,
       activity,
       {"What happened, newest first: checks, connections, mails, sends, hand-overs, acts of "
        "people",
        "limit cursor",
        "",
        {{200, "application/json", "ActivityPage"}}}},
      {"GET",
       transcript_path,
       scope_read,
       BodyKind::none,
       transcript,
       {"What was said in the last session that failed, or in the recording; secrets are ***",
        "direction recorded",
        "",
        {{200, "application/json", "Transcript"}}}},
      {"POST",
       transcript_path,
       scope_admin,
       BodyKind::optional_json,
       record,
       {"Record what is said, from now on and for some time (300 s, at most 3600); kept in memory",
        "",
        "RecordingInput",
        {{202, "application/json", "Recording"}}}},
  };
}

}  // namespace postern::web
