// The event log's rows; every family writes its events through append_events, in the transaction of
// the deed they tell of.
#pragma once

#include "storage/engine.hpp"
#include "storage/events.hpp"

namespace postern::storage {

void append_events(Transaction& transaction, const std::vector<NewEvent>& events);

/// For consumers that keep what they made of the events in the same transaction.
void keep_event_cursor(Transaction& transaction, const std::string& consumer, EventId last);

extern const char* const event_cursor_schema;

class EventsTable final : public Events {
 public:
  explicit EventsTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<void>> append(std::vector<NewEvent> events) override;
  net::Task<Result<Page<Event>>> list(EventFilter filter, PageRequest page) override;
  net::Task<Result<std::vector<Event>>> after(EventId last, int limit) override;
  net::Task<Result<EventId>> newest() override;
  net::Task<Result<EventId>> cursor(std::string consumer) override;
  net::Task<Result<void>> keep_cursor(std::string consumer, EventId last) override;
  std::shared_ptr<void> watch(std::function<void()> hint) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
