// See events_table.hpp.
#include "storage/events_table.hpp"

#include "storage/columns.hpp"

#include <boost/json/serialize.hpp>

namespace postern::storage {
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

}  // namespace

void append_events(Transaction& transaction, const std::vector<NewEvent>& events) {
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

}  // namespace postern::storage
