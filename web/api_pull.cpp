// /pull: consumers fetch the mail of a target of the type `pull`, each under a lease, and say for
// each whether they have it.
#include "core/base64.hpp"
#include "core/json_fields.hpp"
#include "core/log.hpp"
#include "flows/message_json.hpp"
#include "web/api.hpp"
#include "web/client_watch.hpp"
#include "web/routes.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>

namespace postern::web {
namespace {

namespace json = boost::json;
using storage::LeaseFate;

constexpr std::int64_t lease_items_max = 100;
constexpr std::int64_t lease_s_max = 12 * 3600;
constexpr std::int64_t wait_s_max = 60;
constexpr std::size_t lease_ids_max = 1000;
constexpr std::size_t reason_bytes_max = 1000;

struct LeaseRequest {
  storage::LeaseTerms terms;
  Duration wait{0};
};

Answer<LeaseRequest> read_lease(const Call& call) {
  int limit = 10;
  std::int64_t lease_s = 60, wait_s = 0;
  if (!call.request.body.empty()) {
    POSTERN_TRY(const auto body, object_body(call));
    FieldProblems problems;
    JsonFields fields(body, "", problems);
    fields.integer("limit", limit, 1, lease_items_max);
    fields.integer("lease_s", lease_s, 1, lease_s_max);
    fields.integer("wait_s", wait_s, 0, wait_s_max);
    fields.finish();
    if (!problems.empty()) return invalid_body(std::move(problems));
  }
  LeaseRequest request;
  request.terms.limit = limit;
  request.terms.time = std::chrono::seconds(lease_s);
  request.wait = std::chrono::seconds(wait_s);
  return request;
}

net::Task<Answer<storage::StoredTarget>> pull_target(Api& api, const Call& call) {
  auto found = co_await api.store.targets().find(call.parameter("target"));
  if (!found) co_return Problem(found.error());
  const auto& type = found.value().value.type;
  if (type != "pull") {
    co_return Problem(409, "not_a_pull_target", "The target is of the type " + type + ".",
                      "Its mail is brought; make a target of the type pull to fetch mail.");
  }
  co_return std::move(found).value();
}

net::Task<Result<json::object>> item_json(Api& api, const storage::StoredTarget& target,
                                          const storage::Lease& lease) {
  POSTERN_CO_TRY(const auto message, co_await api.store.messages().get(lease.message));
  json::object data = flows::message_json(message, api.options.public_url);
  if (target.value.raw) {
    POSTERN_CO_TRY(const auto raw, co_await api.store.messages().raw(lease.message));
    data["raw_base64"] = to_base64(raw);
  }
  json::object item;
  item["lease_id"] = lease.id.str();
  item["until"] = to_rfc3339(lease.until);
  item["handover"] = lease.handover.str();
  item["attempts"] = lease.attempts;
  item["data"] = std::move(data);
  co_return item;
}

/// One mail that cannot be read holds up no other: it is left out, and its lease runs out.
net::Task<json::array> items_json(Api& api, const Call& call, const storage::StoredTarget& target,
                                  const storage::Leases& leased) {
  json::array items;
  for (const auto& lease : leased.items) {
    auto item = co_await item_json(api, target, lease);
    if (item) {
      items.push_back(std::move(item).value());
    } else {
      log_failure(call, "reading a leased mail", item.error());
    }
  }
  co_return items;
}

/// The client went while its mail was leased: the next one may have it at once.
net::Task<void> give_all_back(Api& api, const Call& call, TargetId target,
                              const storage::Leases& leased) {
  std::vector<LeaseId> ids;
  for (const auto& each : leased.items) ids.push_back(each.id);
  std::string reason = "the consumer left before the answer";
  const auto given =
      co_await api.store.pull().give_back(target, std::move(ids), std::move(reason), api.env.now());
  if (!given) log_failure(call, "giving leases back", given.error());
  api.gateway.handovers_queued();
}

net::Task<Answer<Response>> lease(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto request, read_lease(call));
  POSTERN_CO_TRY(const auto target, co_await pull_target(api, call));
  flows::PullWait wait;
  wait.time = request.wait;
  wait.over = std::make_shared<std::atomic<bool>>(false);
  const auto executor = co_await boost::asio::this_coro::executor;
  const ClientWatch watch(executor, call.request.caller_gone,
                          [over = wait.over, &gateway = api.gateway] {
                            *over = true;
                            gateway.look_for_leases();
                          });
  const auto id = target.value.id;
  POSTERN_CO_TRY(const auto leased, co_await api.gateway.lease(id, request.terms, wait));
  const bool gone = *wait.over || (call.request.caller_gone && call.request.caller_gone());
  json::array items;
  if (gone && !leased.items.empty()) {
    co_await give_all_back(api, call, id, leased);
  } else {
    items = co_await items_json(api, call, target, leased);
  }
  json::object answer;
  answer["items"] = std::move(items);
  co_return json_response(answer);
}

struct Ids {
  std::vector<std::string> texts;
  std::vector<LeaseId> parsed;  // 0 for what is no lease id: nobody has that lease
  std::string reason;
};

Answer<Ids> read_ids(const Call& call, bool with_reason) {
  POSTERN_TRY(const auto body, object_body(call));
  Ids ids;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  const bool read = fields.texts("lease_ids", ids.texts, {.bytes_max = 200}, lease_ids_max);
  if (ids.texts.empty() && (read || !fields.has("lease_ids"))) {
    fields.problem("lease_ids", "must name at least one lease");
  }
  if (with_reason) {
    fields.text("reason", ids.reason, {.bytes_max = reason_bytes_max, .lines = true});
    if (ids.reason.empty()) ids.reason = "given back without a reason";
  }
  fields.finish();
  if (!problems.empty()) return invalid_body(std::move(problems));
  for (const auto& text : ids.texts) {
    ids.parsed.push_back(LeaseId::parse(text).value_or(LeaseId()));
  }
  return ids;
}

std::string_view words_of(LeaseFate fate) {
  switch (fate) {
    case LeaseFate::done:
      return "";
    case LeaseFate::unknown:
      return "is no lease of this target, or it ran out and the mail was leased anew";
    case LeaseFate::acknowledged:
      return "was acknowledged already";
    case LeaseFate::given_back:
      return "was given back already";
    case LeaseFate::cancelled:
      return "is of a hand-over that was cancelled";
  }
  return "";
}

/// 200 when at least one went well, with those that did not beside; else 409 with all of them.
Answer<Response> fates_response(const Ids& ids, const std::vector<LeaseFate>& fates,
                                std::string_view done_word) {
  json::array done, errors;
  FieldProblems problems;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    if (fates[i] == LeaseFate::done) {
      done.emplace_back(ids.texts[i]);
      continue;
    }
    const auto pointer = "/lease_ids/" + std::to_string(i);
    problems.push_back({pointer, std::string(words_of(fates[i]))});
    json::object error;
    error["pointer"] = pointer;
    error["lease_id"] = ids.texts[i];
    error["detail"] = words_of(fates[i]);
    errors.push_back(std::move(error));
  }
  if (done.empty()) {
    Problem problem(409, "lease_lost", "None of these leases is in force.",
                    "Lease the mail anew: what is not acknowledged comes back.");
    problem.errors = std::move(problems);
    return problem;
  }
  json::object answer;
  answer[done_word] = std::move(done);
  answer["errors"] = std::move(errors);
  return json_response(answer);
}

int count_done(const std::vector<LeaseFate>& fates) {
  return static_cast<int>(std::ranges::count(fates, LeaseFate::done));
}

net::Task<Answer<Response>> acknowledge(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto ids, read_ids(call, false));
  POSTERN_CO_TRY(const auto target, co_await pull_target(api, call));
  POSTERN_CO_TRY(const auto fates, co_await api.gateway.acknowledge(target.value.id, ids.parsed));
  api.gateway.count_handovers(target.value.name, "acknowledged", count_done(fates));
  co_return fates_response(ids, fates, "acknowledged");
}

net::Task<Answer<Response>> give_back(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto ids, read_ids(call, true));
  POSTERN_CO_TRY(const auto target, co_await pull_target(api, call));
  POSTERN_CO_TRY(const auto fates, co_await api.store.pull().give_back(target.value.id, ids.parsed,
                                                                       ids.reason, api.env.now()));
  api.gateway.count_handovers(target.value.name, "retried", count_done(fates));
  api.gateway.handovers_queued();
  co_return fates_response(ids, fates, "given_back");
}

}  // namespace

Routes pull_routes() {
  return {
      {"POST",
       "/api/v1/pull/{target}/lease",
       scope_pull,
       BodyKind::optional_json,
       lease,
       {"Fetch mail, oldest first, for lease_s alone; waits up to wait_s for the first",
        "",
        "LeaseRequest",
        {{200, "application/json", "Leases"}}}},
      {"POST",
       "/api/v1/pull/{target}/ack",
       scope_pull,
       BodyKind::json,
       acknowledge,
       {"The consumer has these mails: they never come back",
        "",
        "LeaseIds",
        {{200, "application/json", "Acknowledged"}}}},
      {"POST",
       "/api/v1/pull/{target}/nack",
       scope_pull,
       BodyKind::json,
       give_back,
       {"The consumer gives these mails back: they are available at once",
        "",
        "LeaseIdsWithReason",
        {{200, "application/json", "GivenBack"}}}},
  };
}

}  // namespace postern::web
