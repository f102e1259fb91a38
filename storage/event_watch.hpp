// EventWatch: who wants to hear that events were written. Hints alone: the rows are the truth.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace postern::storage {

/// Any thread. Shared by the engine and by those who watch, so that neither has to go first.
class EventWatch : public std::enable_shared_from_this<EventWatch> {
 public:
  /// `hint` is called after each commit with events, on the writer's thread, until the handle
  /// goes; it may only notify.
  std::shared_ptr<void> add(std::function<void()> hint);
  void tell();

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::function<void()>> hints_;
};

}  // namespace postern::storage
