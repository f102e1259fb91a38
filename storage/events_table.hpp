// The event log's rows; every family writes its events through append_events, in the transaction of
// the deed they tell of.
#pragma once

#include "storage/engine.hpp"
#include "storage/events.hpp"

namespace postern::storage {

void append_events(Transaction& transaction, const std::vector<NewEvent>& events);

class EventsTable final : public Events {
 public:
  explicit EventsTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<void>> append(std::vector<NewEvent> events) override;
  net::Task<Result<Page<Event>>> list(EventFilter filter, PageRequest page) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
