// Pace: at most so many mails in any minute, as a provider allows (Exchange: 30).
#pragma once

#include "core/integration.hpp"
#include "core/time.hpp"

#include <list>
#include <optional>

namespace postern::flows {

/// The integration's own limit, else what the provider publishes of its server.
std::optional<int> messages_per_minute(const Outgoing& outgoing);

class Pace {
 public:
  /// Nothing: as fast as it goes.
  explicit Pace(std::optional<int> messages_per_minute) : limit_(messages_per_minute) {}

  /// How long the next mail has to wait; 0: it may go. `now` is Env::steady().
  Duration wait(Duration now);
  /// A mail goes. Needs: wait() gave 0.
  void go(Duration now);
  /// The last one did not go after all.
  void stay();

 private:
  std::optional<int> limit_;
  // Within the last minute, no more than limit_. A list: an empty deque takes 576 bytes.
  std::list<Duration> gone_;
};

}  // namespace postern::flows
