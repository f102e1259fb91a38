// See event_watch.hpp.
#include "storage/event_watch.hpp"

#include <utility>

namespace postern::storage {

std::shared_ptr<void> EventWatch::add(std::function<void()> hint) {
  const std::lock_guard lock(mutex_);
  const auto number = ++last_;
  hints_.emplace(number, std::move(hint));
  return std::shared_ptr<void>(nullptr, [self = shared_from_this(), number](void*) {
    const std::lock_guard guard(self->mutex_);
    self->hints_.erase(number);
  });
}

void EventWatch::tell() {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, hint] : hints_) hint();
}

}  // namespace postern::storage
