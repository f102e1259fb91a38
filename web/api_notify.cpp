// POST /notify: what a program has to say of a run: success, failure or critical, to those whom the
// integration's `notifications` name for it.
#include "core/delivery.hpp"
#include "core/json_fields.hpp"
#include "flows/send_draft.hpp"
#include "web/api.hpp"
#include "web/delivery_resource.hpp"
#include "web/routes.hpp"
#include "web/send_call.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr std::int64_t frequency_max_s = 366L * 24 * 3600;

enum class RunOutcome { success, failure, critical };
constexpr Choice<RunOutcome> outcome_words[] = {{"success", RunOutcome::success},
                                                {"failure", RunOutcome::failure},
                                                {"critical", RunOutcome::critical}};

struct Wish {
  std::optional<std::string> integration;
  RunOutcome outcome = RunOutcome::critical;
  std::string subject, text;
  std::optional<std::string> html;
  bool sync = false;
  std::int64_t max_frequency_s = 0;
};

std::string_view word_of(RunOutcome outcome) {
  for (const auto& each : outcome_words) {
    if (each.value == outcome) return each.word;
  }
  return {};
}

const std::vector<std::string>& list_of(const NotificationLists& lists, RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::success:
      return lists.on_success;
    case RunOutcome::failure:
      return lists.on_failure;
    case RunOutcome::critical:
      return lists.on_critical;
  }
  return lists.on_critical;
}

/// Without a choice of the integration's: critical, and what has a list.
bool is_on(const NotificationLists& lists, RunOutcome outcome) {
  if (!lists.outcomes) {
    return outcome == RunOutcome::critical || !list_of(lists, outcome).empty();
  }
  const auto& on = *lists.outcomes;
  return std::find(on.begin(), on.end(), word_of(outcome)) != on.end();
}

Answer<Wish> read_wish(const json::object& body) {
  Wish wish;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("integration", wish.integration, {.bytes_max = 200});
  if (!fields.has("outcome")) {
    fields.problem("outcome", "must be success, failure or critical");
  }
  fields.choice("outcome", wish.outcome, outcome_words);
  fields.text("subject", wish.subject, {.bytes_max = flows::subject_bytes_max, .required = true});
  fields.text("text", wish.text, {.bytes_max = flows::text_bytes_max, .lines = true});
  fields.text("html", wish.html, {.bytes_max = flows::text_bytes_max, .lines = true});
  static constexpr Choice<bool> modes[] = {{"queue", false}, {"sync", true}};
  fields.choice("mode", wish.sync, modes);
  fields.integer("max_frequency_s", wish.max_frequency_s, 0, frequency_max_s);
  fields.finish();
  if (!problems.empty()) {
    return with_code(invalid_body(std::move(problems)), ResultCode::bad_request);
  }
  return wish;
}

net::Task<Answer<storage::StoredIntegration>> integration_of(Api& api, const Wish& wish) {
  const auto none = [](std::string sentence) {
    return with_code(Problem(404, "no_integration", std::move(sentence),
                             "Name an integration, or make one the default."),
                     ResultCode::no_integration);
  };
  if (wish.integration) {
    auto found = co_await api.store.integrations().find(*wish.integration);
    if (found) co_return std::move(found).value();
    if (found.error().code != storage::errc::not_found) co_return Problem(found.error());
    co_return none("There is no integration \"" + *wish.integration + "\".");
  }
  POSTERN_CO_TRY(auto standard, co_await api.store.integrations().find_default());
  if (!standard) co_return none("There is no default integration.");
  co_return std::move(*standard);
}

/// Nobody was told, and that is as it should be.
Response not_told(ResultCode code, std::string_view sentence, const Integration& integration) {
  json::object result;
  result["id"] = nullptr;
  result["success"] = false;
  result["result_code"] = static_cast<int>(code);
  result["result_message"] = sentence;
  result["retryable"] = false;
  result["integration"] = integration.id.str();
  result["per_recipient"] = json::array();
  return json_response(std::move(result));
}

net::Task<Answer<bool>> told_lately(Api& api, const Wish& wish, IntegrationId integration,
                                    std::string tag) {
  if (wish.max_frequency_s == 0) co_return false;
  storage::DeliveryFilter filter;
  filter.integration = integration;
  filter.tag = std::move(tag);
  filter.since = api.env.now() - std::chrono::seconds(wish.max_frequency_s);
  storage::PageRequest page;
  page.limit = 1;
  POSTERN_CO_TRY(const auto found, co_await api.store.deliveries().list(filter, page));
  co_return !found.items.empty();
}

/// Whether a call with this key was told already: whatever has become of lists and frequency since,
/// its answer is that of the first. Who was told of nobody (70, 71) has left nothing behind.
net::Task<Answer<bool>> known_key(Api& api, std::optional<storage::IdempotencyKey> key) {
  if (!key) co_return false;
  const auto known = co_await api.store.deliveries().find_key(std::move(*key));
  co_return !known || known.value().has_value();
}

net::Task<Answer<Response>> submitted(Api& api, flows::SendRequest request,
                                      std::optional<storage::IdempotencyKey> key) {
  const auto sent = co_await api.gateway.submit(std::move(request), std::move(key));
  if (const auto* refusal = std::get_if<flows::Refusal>(&sent)) co_return to_problem(*refusal);
  co_return send_answer(std::get<flows::SendAnswer>(sent), std::nullopt);
}

net::Task<Answer<Response>> notify(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  POSTERN_CO_TRY(auto wish, read_wish(body));
  auto key = idempotency_key(call, call.request.body);
  if (!key) co_return with_code(key.error(), ResultCode::bad_request);
  POSTERN_CO_TRY(const bool repeated, co_await known_key(api, key.value()));
  if (repeated) {
    flows::SendRequest nothing;  // is looked at no more
    co_return co_await submitted(api, std::move(nothing), std::move(key).value());
  }
  POSTERN_CO_TRY(const auto stored, co_await integration_of(api, wish));
  const auto& integration = stored.value;
  const auto word = std::string(word_of(wish.outcome));
  const auto& list = list_of(integration.notifications, wish.outcome);
  if (!is_on(integration.notifications, wish.outcome)) {
    co_return not_told(ResultCode::suppressed,
                       word + " is switched off in the notifications of " + integration.name,
                       integration);
  }
  if (list.empty()) {
    co_return not_told(ResultCode::suppressed,
                       "nobody is to be told of " + word + " by " + integration.name, integration);
  }
  const auto tag = "notify-" + word;
  POSTERN_CO_TRY(const bool lately, co_await told_lately(api, wish, integration.id, tag));
  if (lately) {
    co_return not_told(ResultCode::frequency_limit, "told less than max_frequency_s ago",
                       integration);
  }
  flows::SendRequest request;
  request.integration = integration.id.str();
  request.sync = wish.sync;
  request.timeout = integration.outgoing.timeout;
  for (const auto& address : list) request.to.push_back({"", address});
  if (!integration.notifications.from_name.empty()) {
    auto from = flows::own_address(integration);
    from.name = integration.notifications.from_name;
    request.from = std::move(from);
  }
  request.subject = std::move(wish.subject);
  request.text = std::move(wish.text);
  request.html = std::move(wish.html);
  request.headers = {{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"}};
  request.tags = {tag};
  co_return co_await submitted(api, std::move(request), std::move(key).value());
}

}  // namespace

Routes notify_routes() {
  return {
      {"POST",
       "/api/v1/notify",
       scope_send,
       BodyKind::json,
       notify,
       {"Tell of a run's outcome those whom the integration's notifications name for it; result 70 "
        "when that is nobody",
        "",
        "NotifyRequest",
        {{200, "application/json", "NotifyAnswer"}, {202, "application/json", "Delivery"}}}},
  };
}

}  // namespace postern::web
