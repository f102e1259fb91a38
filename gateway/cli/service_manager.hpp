// ServiceManager: telling systemd, or whoever started the program in its manner, how far it is.
// Datagrams to the socket that NOTIFY_SOCKET names; without one nothing is told.
// Source: sd_notify(3), whose protocol is a stable interface of systemd.
#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::cli {

class ServiceManager {
 public:
  /// Takes what stands in the environment out of it, so that no child believes it is meant: to be
  /// called before any thread starts.
  static ServiceManager of_environment();

  /// The start is over; `status` is for people ("serves http://…").
  void ready(std::string_view status) const;
  void reloading() const;  // until the next ready()
  void stopping() const;
  /// To be called at least once in every watchdog().
  void alive() const;

  /// After how long without alive() the program is ended and started anew; nothing: never.
  std::optional<Duration> watchdog() const { return watchdog_; }

 private:
  /// Best effort: who does not listen is no reason not to work.
  void tell(const std::string& state) const;

  std::string socket_;  // empty: nobody listens
  std::optional<Duration> watchdog_;
};

}  // namespace postern::cli
