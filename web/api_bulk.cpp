// POST /integrations/bulk: one act on many integrations, each with its own result, told as it ends.
//
// Some are worked on at once, since a test waits for a server and a write for the disk; one of the
// coroutines writes the answer's lines. A client that is gone lets those under way end, no more.
#include "core/json_fields.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"
#include "web/audit.hpp"
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <deque>
#include <memory>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr std::size_t bulk_max = 10'000;
constexpr int bulk_at_once = 8;
constexpr Duration line_wait{1000};

enum class Act { enable, disable, check, test, remove };

struct ActWord {
  std::string_view word;
  Act act;
  std::string_view kind, text;  // for the activity; empty: an event tells it
};
constexpr std::array act_words = {
    ActWord{"enable", Act::enable, "", ""},
    ActWord{"disable", Act::disable, "integration.switched_off", "switched off"},
    ActWord{"check", Act::check, "check.requested", "a check was asked for"},
    ActWord{"test", Act::test, "test.requested", "a connection test was asked for"},
    ActWord{"delete", Act::remove, "", ""}};

/// One call of it. Shared by the copies of the answer that std::function makes.
struct Bulk {
  explicit Bulk(Api& of) : api(of) {}
  Api& api;
  Call call;  // whose name it is done in
  ActWord act{};
  std::vector<std::string> names;  // ids or names, as given
  std::size_t next = 0, ended = 0;
  std::deque<std::string> lines;
  bool client_gone = false;
  std::unique_ptr<net::Wake> told;
};

Answer<ActWord> read_act(const std::string& word) {
  for (const auto& each : act_words) {
    if (each.word == word) return each;
  }
  return invalid_body({{"/act", "must be one of enable, disable, check, test and delete"}});
}

Answer<void> read_bulk(Call& call, Bulk& bulk) {
  POSTERN_TRY(const auto body, object_body(call));
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  std::string act;
  fields.text("act", act, {.required = true});
  fields.texts("integrations", bulk.names, {}, bulk_max);
  fields.finish();
  if (problems.empty() && bulk.names.empty()) {
    problems.push_back({"/integrations", "must name at least one, by id or name"});
  }
  if (!problems.empty()) return invalid_body(std::move(problems));
  POSTERN_TRY(bulk.act, read_act(act));
  if (bulk.act.act != Act::remove || allows(call.identity, scope_admin)) return success();
  return Problem(403, "missing_scope", "Only an admin deletes integrations.",
                 "It needs the scope admin.");
}

json::object problem_json(const Problem& problem) {
  return {{"code", problem.code}, {"detail", problem.detail}, {"hint", problem.hint}};
}

net::Task<void> collect(json::array& steps, flows::TestStep step) {
  steps.push_back(flows::to_json(step));
  co_return;
}

/// The test's steps into `line`; whether all passed.
net::Task<Answer<bool>> test_one(Api& api, storage::StoredIntegration stored, json::object& line) {
  POSTERN_CO_TRY(auto secrets, co_await api.store.integrations().secrets(stored.value.id));
  json::array steps;
  auto tell = [&steps](flows::TestStep step) { return collect(steps, std::move(step)); };
  const bool ok = co_await api.gateway.test(std::move(stored.value), std::move(secrets),
                                            flows::TestDirections::both, false, tell);
  line["steps"] = std::move(steps);
  co_return ok;
}

net::Task<Answer<bool>> act_on(Bulk& bulk, const storage::StoredIntegration& stored,
                               json::object& line) {
  auto& api = bulk.api;
  const auto id = stored.value.id;
  const auto& who = bulk.call.identity.name;
  switch (bulk.act.act) {
    case Act::enable: {
      POSTERN_CO_TRY(line["test"], co_await test_before_enabling(api, stored));
      POSTERN_CO_TRY(co_await api.gateway.set_enabled(id, true, who));
      break;
    }
    case Act::disable: {
      POSTERN_CO_TRY(co_await api.gateway.set_enabled(id, false, who));
      break;
    }
    case Act::check: {
      POSTERN_CO_TRY(co_await api.gateway.check(id));
      break;
    }
    case Act::test:
      co_return co_await test_one(api, stored, line);
    case Act::remove: {
      POSTERN_CO_TRY(
          co_await api.store.integrations().remove(id, std::nullopt, who, api.env.now()));
      const auto told = co_await api.gateway.integration_changed(id);
      if (!told) log_failure(bulk.call, "ending an integration", told.error());
      break;
    }
  }
  co_return true;
}

/// With its entry in the audit log, as a call for this one alone would have.
net::Task<Answer<bool>> audited_act(Bulk& bulk, const storage::StoredIntegration& stored,
                                    json::object& line) {
  auto& api = bulk.api;
  const auto id = stored.value.id;
  const bool kept = bulk.act.act != Act::test;
  Call call;
  call.route = bulk.call.route;
  call.identity = bulk.call.identity;
  call.request.client = bulk.call.request.client;
  call.request.request_id = bulk.call.request.request_id;
  call.act = "POST /integrations/bulk " + std::string(bulk.act.word);
  call.changed = std::vector<std::string>{};
  call.changed_resource = "/api/v1/integrations/" + id.str();
  if (kept) {
    POSTERN_CO_TRY(co_await begin_audit(api, call, call.identity.name));
  }
  const auto done = co_await act_on(bulk, stored, line);
  Response outcome;
  if (!done) outcome.status = done.error().status;
  if (kept) co_await end_audit(api, call, outcome);
  if (done && !bulk.act.kind.empty()) {
    note_act(api, call, id, std::string(bulk.act.kind), std::string(bulk.act.text));
  }
  co_return done;
}

net::Task<Answer<bool>> one(Bulk& bulk, const std::string& name, json::object& line) {
  auto found = co_await bulk.api.store.integrations().find(name);
  if (!found) co_return Problem(found.error());
  const auto stored = std::move(found).value();
  line["integration"] = json::object{{"id", stored.value.id.str()}, {"name", stored.value.name}};
  co_return co_await audited_act(bulk, stored, line);
}

net::Task<void> work(std::shared_ptr<Bulk> bulk) {
  while (!bulk->client_gone && bulk->next < bulk->names.size()) {
    const auto name = bulk->names[bulk->next++];
    json::object line;
    line["integration"] = json::object{{"id", name}, {"name", name}};
    const auto done = co_await one(*bulk, name, line);
    line["ok"] = done && done.value();
    line["problem"] = nullptr;
    if (!done) line["problem"] = problem_json(done.error());
    bulk->lines.push_back(json::serialize(line) + "\n");
    ++bulk->ended;
    bulk->told->notify();
  }
}

net::Task<void> tell(std::shared_ptr<Bulk> bulk, BodyStream& out) {
  for (;;) {
    while (!bulk->lines.empty()) {
      const auto line = std::move(bulk->lines.front());
      bulk->lines.pop_front();
      const auto written = co_await out.write(line);
      if (written) continue;
      bulk->client_gone = true;
      co_return;
    }
    if (bulk->ended == bulk->names.size()) co_return;
    co_await bulk->told->wait(line_wait);
  }
}

/// Only join() is awaited here: whatever ends this coroutine ends the others first.
net::Task<void> run(std::shared_ptr<Bulk> bulk, BodyStream& out) {
  const auto executor = co_await boost::asio::this_coro::executor;
  bulk->told = std::make_unique<net::Wake>(bulk->api.env, executor);
  net::Scope scope(executor);
  for (int i = 0; i < bulk_at_once; ++i) scope.spawn(work(bulk));
  scope.spawn(tell(bulk, out));
  co_await scope.join();
}

net::Task<Answer<Response>> start(Api& api, Call& call) {
  auto bulk = std::make_shared<Bulk>(api);
  POSTERN_CO_TRY(read_bulk(call, *bulk));
  bulk->call.route = call.route;
  bulk->call.identity = call.identity;
  bulk->call.request.client = call.request.client;
  bulk->call.request.request_id = call.request.request_id;
  Response response;
  response.content_type = "application/x-ndjson";
  response.stream = [bulk](BodyStream& out) { return run(bulk, out); };
  co_return response;
}

}  // namespace

Routes bulk_routes() {
  return {{"POST",
           "/api/v1/integrations/bulk",
           scope_operate,
           BodyKind::json,
           start,
           {"One act on many integrations; each one's result is a line, as it ends",
            "",
            "BulkRequest",
            {{200, "application/x-ndjson", "BulkResult"}}}}};
}

}  // namespace postern::web
