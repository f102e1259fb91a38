// The event log, and how far each of those who follow it has come.
#pragma once

#include "core/event.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct EventFilter {
  std::optional<IntegrationId> integration;
  std::string kind;  // empty: all
};

class Events {
 public:
  virtual ~Events() = default;
  virtual net::Task<Result<void>> append(std::vector<NewEvent> events) = 0;
  virtual net::Task<Result<Page<Event>>> list(EventFilter filter, PageRequest page) = 0;

  /// What was written after `last`, oldest first, at most `limit`. Ids grow in the order of the
  /// commits, so that nothing is written behind what was given.
  virtual net::Task<Result<std::vector<Event>>> after(EventId last, int limit) = 0;
  /// The last event of all; 0 when there is none.
  virtual net::Task<Result<EventId>> newest() = 0;

  /// The last event this consumer has dealt with. One never heard of begins at the log's end, and
  /// that is kept.
  virtual net::Task<Result<EventId>> cursor(std::string consumer) = 0;
  virtual net::Task<Result<void>> keep_cursor(std::string consumer, EventId last) = 0;

  /// `hint` is called after each commit that wrote events, on the writer's thread, until the
  /// handle goes; it may only notify. From any thread.
  virtual std::shared_ptr<void> watch(std::function<void()> hint) = 0;
};

}  // namespace postern::storage
