// Resolver: c-ares on a thread of its own. Many look-ups at once, so that a dead name server holds
// up only those that need it.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/task.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postern::net {

class Resolver {
 public:
  /// `servers`: "192.0.2.53" or "192.0.2.53:5353"; empty: those of the system.
  /// Errors: io, when c-ares cannot be set up or a server is no address.
  static Result<std::unique_ptr<Resolver>> make(const std::vector<std::string>& servers);
  ~Resolver();

  /// All addresses of a name, IPv6 and IPv4 interleaved, IPv6 first, addresses_max at most. From
  /// any executor; comes back to it. Looks into the hosts file first; localhost is this host.
  /// Errors: resolve_failed, resolve_timeout.
  Task<Result<std::vector<std::string>>> resolve(std::string host, Duration limit);

  static constexpr std::size_t addresses_max = 16;
  static constexpr std::size_t host_bytes_max = 253;  // RFC 1035 §2.3.4

 private:
  struct State;
  explicit Resolver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::net
