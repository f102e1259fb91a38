// What the overview and the about page show: figures of the last hours, the queues, how many
// integrations are well, past checks, and what runs here.
#include "core/integration_json.hpp"
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

#include <openssl/crypto.h>

#include <charconv>
#include <filesystem>
#include <map>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr int hours_default = 24;

Answer<int> wanted_hours(const Call& call) {
  const auto* text = call.target.parameter("hours");
  if (text == nullptr) return hours_default;
  int hours = 0;
  const auto* end = text->data() + text->size();
  const auto [read, ec] = std::from_chars(text->data(), end, hours);
  if (ec != std::errc() || read != end || hours < 1 || hours > storage::figure_hours_max) {
    return invalid_parameter("hours", "must be a number from 1 to 168");
  }
  return hours;
}

json::object hour_json(const storage::HourFigures& hour) {
  json::object result;
  result["begins"] = to_rfc3339(hour.begins);
  result["received"] = hour.received;
  result["quarantined"] = hour.received_quarantined;
  result["sent"] = hour.sent;
  result["send_failed"] = hour.send_failed;
  result["handed_over"] = hour.handed_over;
  result["handover_failed"] = hour.handover_failed;
  result["queue"] = nullptr;
  if (hour.queue) result["queue"] = *hour.queue;
  result["handovers_waiting"] = nullptr;
  if (hour.handovers_waiting) result["handovers_waiting"] = *hour.handovers_waiting;
  return result;
}

json::object totals_json(const std::vector<storage::HourFigures>& hours) {
  storage::HourFigures sum;
  for (const auto& each : hours) {
    sum.received += each.received;
    sum.received_quarantined += each.received_quarantined;
    sum.sent += each.sent;
    sum.send_failed += each.send_failed;
    sum.handed_over += each.handed_over;
    sum.handover_failed += each.handover_failed;
  }
  auto result = hour_json(sum);
  for (const char* name : {"begins", "queue", "handovers_waiting"}) result.erase(name);
  return result;
}

/// {total, enabled, incoming: {ok: 3, failing: 1, …}, outgoing: …}, of those that are enabled.
json::object integrations_json(const std::vector<storage::IntegrationEntry>& all) {
  std::int64_t enabled = 0;
  std::map<std::string, std::int64_t, std::less<>> incoming, outgoing;
  for (const auto& each : all) {
    if (!each.enabled) continue;
    ++enabled;
    ++incoming[std::string(to_string(each.incoming_state))];
    ++outgoing[std::string(to_string(each.outgoing_state))];
  }
  json::object result;
  result["total"] = all.size();
  result["enabled"] = enabled;
  result["incoming"] = json::object(incoming.begin(), incoming.end());
  result["outgoing"] = json::object(outgoing.begin(), outgoing.end());
  return result;
}

net::Task<Answer<Response>> stats(Api& api, Call& call) {
  POSTERN_CO_TRY(const int wanted, wanted_hours(call));
  POSTERN_CO_TRY(const auto hours, co_await api.figures.hours(wanted));
  POSTERN_CO_TRY(const auto queues, co_await api.figures.queues());
  POSTERN_CO_TRY(const auto all, co_await api.store.integrations().entries());
  json::array items;
  for (const auto& each : hours) items.push_back(hour_json(each));
  json::object body;
  body["at"] = to_rfc3339(api.env.now());
  body["hours"] = std::move(items);
  body["totals"] = totals_json(hours);
  body["queues"] = to_json(queues);
  body["integrations"] = integrations_json(all);
  co_return json_response(body);
}

net::Task<Answer<Response>> past_checks(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  co_return json_response(checks_json(api.gateway.past_checks(stored.value.id)));
}

json::object libraries() {
  json::object result;
  result["Boost"] = BOOST_LIB_VERSION;
  result["OpenSSL"] = OpenSSL_version(OPENSSL_VERSION_STRING);
  return result;
}

/// Paths, never what is in them.
json::object storage_json(const ServerFacts& facts) {
  json::object result;
  result["data_dir"] = facts.data_dir;
  result["key_file"] = facts.key_file;
  std::error_code ec;
  const auto size = std::filesystem::file_size(facts.data_dir + "/postern.db", ec);
  result["database_bytes"] = ec ? json::value(nullptr) : json::value(size);
  const auto space = std::filesystem::space(facts.data_dir, ec);
  result["free_bytes"] = ec ? json::value(nullptr) : json::value(space.available);
  return result;
}

net::Task<Answer<Response>> about(Api& api, Call&) {
  json::object body;
  body["name"] = "Postern";
  body["version"] = api.options.facts.version;
  body["licence"] = "GPL-3.0-or-later";
  body["started_at"] = to_rfc3339(api.options.facts.started_at);
  body["uptime_s"] =
      std::chrono::floor<std::chrono::seconds>(api.env.now() - api.options.facts.started_at)
          .count();
  body["public_url"] = api.options.public_url;
  body["page"] = api.pages.version();
  body["compiler"] = __VERSION__;
  body["libraries"] = libraries();
  body["storage"] = storage_json(api.options.facts);
  co_return json_response(body);
}

}  // namespace

Routes overview_routes() {
  return {
      {"GET",
       "/api/v1/stats",
       scope_read,
       BodyKind::none,
       stats,
       {"Figures of the last hours (24), the queues, and how many integrations are well",
        "hours",
        "",
        {{200, "application/json", "Stats"}}}},
      {"GET",
       "/api/v1/integrations/{integration}/checks",
       scope_read,
       BodyKind::none,
       past_checks,
       {"How its last 30 checks and sends ended, since the server's start",
        "",
        "",
        {{200, "application/json", "PastChecks"}}}},
      {"GET",
       "/api/v1/about",
       scope_read,
       BodyKind::none,
       about,
       {"What runs here: version, libraries, uptime, paths",
        "",
        "",
        {{200, "application/json", "About"}}}},
  };
}

}  // namespace postern::web
