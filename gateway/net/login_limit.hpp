// LoginLimit: slows those down who guess. Wrong logins are counted by address for a minute.
#pragma once

#include "core/time.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace postern::net {

constexpr std::size_t wrong_logins_max = 10;  // an address, within the window
constexpr Duration wrong_logins_window{60000};
constexpr std::size_t wrong_logins_addresses_max = 10000;  // remembered; the oldest go first

class LoginLimit {
 public:
  /// One more wrong login of `address`. IPv6 addresses count by their /64.
  void count(std::string_view address, Duration steady_now);

  /// How long `address` has to wait, or nothing.
  std::optional<Duration> wait(std::string_view address, Duration steady_now);

  /// Takes the latest count back: the login turned out right.
  void forgive(std::string_view address);

  std::size_t addresses() const { return wrong_.size(); }

 private:
  void drop_oldest();
  std::map<std::string, std::deque<Duration>> wrong_;  // steady times, oldest first
};

}  // namespace postern::net
