// /events: the log of what happened.
#include "web/api_event_stream.hpp"
#include "web/routes.hpp"

#include <map>

namespace postern::web {
namespace {

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  storage::EventFilter filter;
  POSTERN_CO_TRY(filter.integration, co_await integration_filter(api, call));
  if (const auto* kind = call.target.parameter("kind")) filter.kind = *kind;
  if (wants_stream(call.request)) co_return event_stream(api, call, std::move(filter));
  POSTERN_CO_TRY(const auto found, co_await api.store.events().list(filter, page));
  POSTERN_CO_TRY(const auto integrations, co_await api.store.integrations().entries());
  std::map<IntegrationId, std::string> names;
  for (const auto& each : integrations) names[each.id] = each.name;
  boost::json::array items;
  for (const auto& each : found.items) items.push_back(to_json(each, names[each.integration]));
  co_return page_response(std::move(items), found.next_cursor);
}

}  // namespace

Routes event_routes() {
  return {
      {"GET",
       "/api/v1/events",
       scope_read,
       BodyKind::none,
       list,
       {"Events, newest first; with Accept: text/event-stream as they come, after Last-Event-ID",
        "limit cursor integration kind",
        "",
        {{200, "application/json", "EventPage"}, {200, "text/event-stream", ""}}}},
  };
}

}  // namespace postern::web
