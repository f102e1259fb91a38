// The event log.
#pragma once

#include "core/event.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

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
};

}  // namespace postern::storage
