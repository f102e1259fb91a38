// See event_rules_table.hpp: what rules have set off, and the frequency limit.
#include "storage/columns.hpp"
#include "storage/event_rules_table.hpp"
#include "storage/events_table.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "event_runs";
constexpr const char* select_run =
    "SELECT id, rule, action, step, channel, integration, event, held_back, held_since, state, at, "
    "due, "
    "ended_at, attempts, status, error FROM event_run";
constexpr std::array states = {RunState::waiting, RunState::done, RunState::failed,
                               RunState::dropped};

std::optional<RunState> parse_state(std::string_view word) {
  for (const auto state : states) {
    if (to_string(state) == word) return state;
  }
  return std::nullopt;
}

/// The copy of an event in a run's row.
std::string event_text(const Event& event) {
  boost::json::object json;
  json["id"] = event.id.value;
  json["kind"] = event.kind;
  json["integration"] = event.integration.value;
  json["at"] = to_milliseconds(event.at);
  json["server"] = event.server;
  json["port"] = event.port;
  json["login"] = event.login;
  json["security"] = event.security;
  json["message"] = event.message;
  json["hint"] = event.hint;
  json["data"] = event.data;
  return boost::json::serialize(json);
}

Event event_from_text(const std::string& text) {
  const auto json = boost::json::parse(text);
  const auto word = [&](const char* name) { return std::string(json.at(name).as_string()); };
  Event event;
  event.id.value = json.at("id").as_int64();
  event.kind = word("kind");
  event.integration.value = json.at("integration").as_int64();
  event.at = from_milliseconds(json.at("at").as_int64());
  event.server = word("server");
  event.port = static_cast<int>(json.at("port").as_int64());
  event.login = word("login");
  event.security = word("security");
  event.message = word("message");
  event.hint = word("hint");
  event.data = json.at("data").as_object();
  return event;
}

EventRun read_run(Query& query) {
  EventRun run;
  std::string event, state;
  query.read(run.id, run.rule, run.action, run.step, run.channel, run.integration, event,
             run.held_back, run.held_back_since, state, run.at, run.due, run.ended_at, run.attempts,
             run.status, run.error);
  run.event = event_from_text(event);
  run.state = known(parse_state(state), state);
  return run;
}

void insert_run(Transaction& transaction, const EventRun& run, const std::string& event) {
  transaction.run(
      "INSERT INTO event_run (id, rule, action, step, channel, integration, event, held_back, "
      "held_since, state, at, due, attempts, status, error) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?10, ?11, 0, 0, '')",
      transaction.new_id<EventRunId>(), run.rule, run.action, run.step, run.channel,
      run.integration, event, run.held_back, run.held_back_since, run.at, run.due);
  if (run.step > 0 || run.channel >= 0) return;  // it follows one that was counted
  transaction.run("UPDATE event_rule SET fired = fired + 1, last_fired = ?2 WHERE id = ?1",
                  run.rule, run.at);
}

/// The limit's row of one action and integration.
struct Pace {
  Instant last_at, free_at;
  std::uint64_t held = 0;
  std::optional<Instant> held_since;
};

std::optional<Pace> read_pace(Transaction& transaction, const Firing& firing) {
  auto query = transaction.query(
      "SELECT last_at, free_at, held, held_since FROM event_pace WHERE rule = ?1 AND action = ?2 "
      "AND integration = ?3",
      firing.rule, firing.action, firing.event.integration);
  if (!query.step()) return std::nullopt;
  Pace pace;
  query.read(pace.last_at, pace.free_at, pace.held, pace.held_since);
  return pace;
}

/// A clock that was set back must not silence a rule until it has caught up.
bool holds_back(const Pace& pace, const Firing& firing, Instant now) {
  return now < pace.free_at && pace.free_at <= now + firing.max_frequency && now >= pace.last_at;
}

void fire_one(Transaction& transaction, const Firing& firing, Instant now) {
  if (!transaction.query("SELECT 1 FROM event_rule WHERE id = ?1", firing.rule).step()) return;
  const auto pace = read_pace(transaction, firing);
  const auto text = event_text(firing.event);
  if (pace && firing.max_frequency > Duration(0) && holds_back(*pace, firing, now)) {
    transaction.run(
        "UPDATE event_pace SET held = held + 1, held_since = coalesce(held_since, ?4), "
        "last_event = ?5 WHERE rule = ?1 AND action = ?2 AND integration = ?3",
        firing.rule, firing.action, firing.event.integration, firing.event.at, text);
    return;
  }
  EventRun run;
  run.rule = firing.rule;
  run.action = firing.action;
  run.integration = firing.event.integration;
  run.at = run.due = now;
  if (pace) {
    run.held_back = pace->held;
    run.held_back_since = pace->held_since;
  }
  insert_run(transaction, run, text);
  transaction.run(
      "INSERT OR REPLACE INTO event_pace (rule, action, integration, last_at, free_at, held) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 0)",
      run.rule, run.action, run.integration, now, now + firing.max_frequency);
}

struct Held {
  EventRun run;
  std::string event;
  Instant last_at, free_at;
};

std::vector<Held> held_and_free(Transaction& transaction, Instant now) {
  std::vector<Held> found;
  auto query = transaction.query(
      "SELECT rule, action, integration, last_at, free_at, held, held_since, last_event "
      "FROM event_pace WHERE held > 0 AND (free_at <= ?1 OR last_at > ?1)",
      now);
  while (query.step()) {
    auto& held = found.emplace_back();
    query.read(held.run.rule, held.run.action, held.run.integration, held.last_at, held.free_at,
               held.run.held_back, held.run.held_back_since, held.event);
    held.run.at = held.run.due = now;
  }
  return found;
}

void forget_old_runs(Transaction& transaction, EventRuleId rule) {
  transaction.run(
      "DELETE FROM event_run WHERE rule = ?1 AND state <> 'waiting' AND id <= (SELECT id FROM "
      "event_run WHERE rule = ?1 AND state <> 'waiting' ORDER BY id DESC LIMIT 1 OFFSET ?2)",
      rule, event_runs_kept);
}

}  // namespace

std::string_view to_string(RunState state) {
  switch (state) {
    case RunState::waiting:
      return "waiting";
    case RunState::done:
      return "done";
    case RunState::failed:
      return "failed";
    case RunState::dropped:
      return "dropped";
  }
  return "";
}

net::Task<Result<void>> EventRulesTable::fire(std::vector<Firing> firings, std::string consumer,
                                              EventId last, Instant now) {
  return engine_.write([firings = std::move(firings), consumer = std::move(consumer), last,
                        now](Transaction& transaction) -> Result<void> {
    for (const auto& firing : firings) fire_one(transaction, firing, now);
    keep_event_cursor(transaction, consumer, last);
    return success();
  });
}

namespace {

/// When the next of those who hold something back may tell of it; its own time may be in the past.
std::optional<Instant> next_release(Transaction& transaction) {
  std::optional<Instant> next;
  auto query = transaction.query("SELECT min(free_at) FROM event_pace WHERE held > 0");
  if (query.step()) query.read(next);
  return next;
}

}  // namespace

net::Task<Result<std::optional<Instant>>> EventRulesTable::release(Instant now) {
  struct Look {
    bool due = false;
    std::optional<Instant> next;
  };
  // Most of the time there is nothing to write.
  auto looked = co_await engine_.read([now](Transaction& transaction) -> Result<Look> {
    Look look;
    look.due = !held_and_free(transaction, now).empty();
    look.next = next_release(transaction);
    return look;
  });
  if (!looked) co_return std::move(looked).error();
  if (!looked.value().due) co_return looked.value().next;
  auto job = [now](Transaction& transaction) -> Result<std::optional<Instant>> {
    for (const auto& held : held_and_free(transaction, now)) {
      insert_run(transaction, held.run, held.event);
      transaction.run(
          "UPDATE event_pace SET held = 0, held_since = NULL, last_event = NULL, last_at = ?4, "
          "free_at = ?5 WHERE rule = ?1 AND action = ?2 AND integration = ?3",
          held.run.rule, held.run.action, held.run.integration, now,
          now + (held.free_at - held.last_at));
    }
    return next_release(transaction);
  };
  co_return co_await engine_.write(std::move(job));
}

net::Task<Result<std::vector<EventRun>>> EventRulesTable::due(Instant now, int limit) {
  return engine_.read([now, limit](Transaction& transaction) -> Result<std::vector<EventRun>> {
    std::vector<EventRun> runs;
    auto query =
        transaction.query(std::string(select_run) +
                              " WHERE state = 'waiting' AND due <= ?1 ORDER BY due, id LIMIT ?2",
                          now, limit);
    while (query.step()) runs.push_back(read_run(query));
    return runs;
  });
}

net::Task<Result<std::optional<Instant>>> EventRulesTable::next_due() {
  return engine_.read([](Transaction& transaction) -> Result<std::optional<Instant>> {
    std::optional<Instant> next;
    auto query = transaction.query("SELECT min(due) FROM event_run WHERE state = 'waiting'");
    if (query.step()) query.read(next);
    return next;
  });
}

net::Task<Result<void>> EventRulesTable::record_attempt(EventRunId id, RunAttempt attempt,
                                                        std::vector<NewEvent> events) {
  return engine_.write([id, attempt = std::move(attempt),
                        events = std::move(events)](Transaction& transaction) -> Result<void> {
    EventRun run;
    {
      auto query = transaction.query(std::string(select_run) + " WHERE id = ?1", id);
      if (!query.step()) return Error{errc::not_found, "run " + id.str()};
      run = read_run(query);
    }
    if (run.state != RunState::waiting) return Error{errc::wrong_state, "run " + id.str()};
    std::optional<Instant> ended;
    if (attempt.state != RunState::waiting) ended = attempt.at;
    transaction.run(
        "UPDATE event_run SET state = ?2, due = ?3, ended_at = ?4, attempts = attempts + ?7, "
        "status = ?5, error = ?6 WHERE id = ?1",
        id, to_string(attempt.state), ended ? run.due : attempt.due, ended, attempt.status,
        attempt.error, attempt.counts);
    if (attempt.state == RunState::done || attempt.state == RunState::failed) {
      transaction.run("UPDATE event_rule SET last_result = ?2, last_error = ?3 WHERE id = ?1",
                      run.rule, to_string(attempt.state), attempt.error);
    }
    for (const auto& more : attempt.more) {
      insert_run(transaction, more, event_text(more.event));
    }
    if (ended) forget_old_runs(transaction, run.rule);
    append_events(transaction, events);
    return success();
  });
}

net::Task<Result<std::optional<bool>>> EventRulesTable::went_well_before(EventRunId id) {
  return engine_.read([id](Transaction& transaction) -> Result<std::optional<bool>> {
    auto query = transaction.query(
        "SELECT other.state FROM event_run run JOIN event_run other ON other.rule = run.rule AND "
        "other.action = run.action AND other.channel = run.channel AND other.id <> run.id AND "
        "other.ended_at IS NOT NULL AND other.state IN ('done', 'failed') WHERE run.id = ?1 "
        "ORDER BY other.ended_at DESC, other.id DESC LIMIT 1",
        id);
    if (!query.step()) return std::optional<bool>();
    std::string state;
    query.read(state);
    return std::optional<bool>(state == to_string(RunState::done));
  });
}

net::Task<Result<Page<EventRun>>> EventRulesTable::runs(std::optional<EventRuleId> rule,
                                                        PageRequest page) {
  return engine_.read(
      [rule, page = std::move(page)](Transaction& transaction) -> Result<Page<EventRun>> {
        POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
        std::string sql = std::string(select_run) + " WHERE id < ?2";
        if (rule) sql += " AND rule = ?3";
        sql += " ORDER BY id DESC LIMIT ?1";
        return read_page<EventRun>(transaction.query(sql, page.limit + 1, below, rule), list_name,
                                   page.limit, read_run);
      });
}

net::Task<Result<Event>> EventRulesTable::event(EventId id) {
  return engine_.read([id](Transaction& transaction) -> Result<Event> {
    auto query = transaction.query(
        "SELECT id, kind, integration, at, server, port, login, security, message, hint, data "
        "FROM event WHERE id = ?1",
        id);
    if (!query.step()) return Error{errc::not_found, "event " + id.str()};
    Event event;
    std::string data;
    query.read(event.id, event.kind, event.integration, event.at, event.server, event.port,
               event.login, event.security, event.message, event.hint, data);
    event.data = object_from_json(data);
    return event;
  });
}

}  // namespace postern::storage
