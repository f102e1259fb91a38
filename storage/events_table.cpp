// See events_table.hpp.
#include "storage/events_table.hpp"

#include "storage/columns.hpp"

#include <boost/json/serialize.hpp>

namespace postern::storage {

const char* const event_cursor_schema = R"sql(
-- How far each consumer of the event log has come: the last event it has dealt with.
CREATE TABLE event_cursor (
  consumer TEXT PRIMARY KEY,
  id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

namespace {

constexpr std::string_view list_name = "events";

Event read_event(Query& query) {
  Event event;
  std::string data;
  query.read(event.id, event.kind, event.integration, event.at, event.server, event.port,
             event.login, event.security, event.message, event.hint, data);
  event.data = object_from_json(data);
  return event;
}

EventId newest_event(Transaction& transaction) {
  EventId newest;
  auto query = transaction.query("SELECT coalesce(max(id), 0) FROM event");
  if (query.step()) query.read(newest);
  return newest;
}

}  // namespace

void keep_event_cursor(Transaction& transaction, const std::string& consumer, EventId last) {
  transaction.run("INSERT OR REPLACE INTO event_cursor (consumer, id) VALUES (?1, ?2)", consumer,
                  last);
}

void append_events(Transaction& transaction, const std::vector<NewEvent>& events) {
  if (!events.empty()) transaction.wrote_events = true;
  for (const auto& event : events) {
    transaction.run(
        "INSERT INTO event (id, kind, integration, at, server, port, login, security, message, "
        "hint, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        transaction.new_id<EventId>(), event.kind, event.integration, event.at, event.server,
        event.port, event.login, event.security, event.message, event.hint,
        boost::json::serialize(event.data));
  }
}

net::Task<Result<void>> EventsTable::append(std::vector<NewEvent> events) {
  return engine_.write([events = std::move(events)](Transaction& transaction) -> Result<void> {
    append_events(transaction, events);
    return success();
  });
}

net::Task<Result<Page<Event>>> EventsTable::list(EventFilter filter, PageRequest page) {
  return engine_.read([filter = std::move(filter),
                       page = std::move(page)](Transaction& transaction) -> Result<Page<Event>> {
    POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
    std::string sql =
        "SELECT id, kind, integration, at, server, port, login, security, message, hint, data "
        "FROM event WHERE id < ?2";
    std::optional<std::string> kind;
    if (!filter.kind.empty()) kind = filter.kind;
    if (filter.integration) sql += " AND integration = ?3";
    if (kind) sql += " AND kind = ?4";
    sql += " ORDER BY id DESC LIMIT ?1";
    return read_page<Event>(transaction.query(sql, page.limit + 1, below, filter.integration, kind),
                            list_name, page.limit, read_event);
  });
}

net::Task<Result<std::vector<Event>>> EventsTable::after(EventId last, int limit) {
  return engine_.read([last, limit](Transaction& transaction) -> Result<std::vector<Event>> {
    std::vector<Event> events;
    auto query = transaction.query(
        "SELECT id, kind, integration, at, server, port, login, security, message, hint, data "
        "FROM event WHERE id > ?1 ORDER BY id LIMIT ?2",
        last, limit);
    while (query.step()) events.push_back(read_event(query));
    return events;
  });
}

net::Task<Result<EventId>> EventsTable::newest() {
  return engine_.read(
      [](Transaction& transaction) -> Result<EventId> { return newest_event(transaction); });
}

net::Task<Result<EventId>> EventsTable::cursor(std::string consumer) {
  return engine_.write([consumer =
                            std::move(consumer)](Transaction& transaction) -> Result<EventId> {
    EventId last;
    {
      auto query = transaction.query("SELECT id FROM event_cursor WHERE consumer = ?1", consumer);
      if (query.step()) {
        query.read(last);
        return last;
      }
    }
    last = newest_event(transaction);
    keep_event_cursor(transaction, consumer, last);
    return last;
  });
}

net::Task<Result<void>> EventsTable::keep_cursor(std::string consumer, EventId last) {
  return engine_.write(
      [consumer = std::move(consumer), last](Transaction& transaction) -> Result<void> {
        keep_event_cursor(transaction, consumer, last);
        return success();
      });
}

std::shared_ptr<void> EventsTable::watch(std::function<void()> hint) {
  return engine_.event_watch->add(std::move(hint));
}

}  // namespace postern::storage
