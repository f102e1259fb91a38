// The simulator's time: it stands still while anything can run, then jumps to the next alarm.
#pragma once

#include "core/time.hpp"
#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace postern::sim {

class VirtualClock {
 public:
  Duration now() const { return now_; }
  std::optional<Duration> next() const;  // when the next alarm is due
  void advance_to(Duration at) { now_ = at; }
  void ring_next();      // the one alarm that is due first
  void drop_sleepers();  // their coroutines are unwound by the executor, without waking

 private:
  friend class Alarm;
  struct Sleeper;
  using Key = std::pair<Duration, std::uint64_t>;  // due, then in the order they were set
  Duration now_{0};
  std::uint64_t sequence_ = 0;
  std::map<Key, std::shared_ptr<Sleeper>> sleepers_;  // shared with their Alarms
};

/// One wait at a time on a clock, ended early by ring() or by the cancellation of the coroutine.
class Alarm {
 public:
  Alarm(VirtualClock& clock, boost::asio::any_io_executor executor);
  ~Alarm();

  /// True when `duration` passed, false after ring(). Throws when cancelled, like any Asio wait.
  net::Task<bool> wait(Duration duration);
  void ring();
  bool waiting() const;

 private:
  VirtualClock& clock_;
  std::shared_ptr<VirtualClock::Sleeper> sleeper_;  // shared with the clock's queue
};

}  // namespace postern::sim
