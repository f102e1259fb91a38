// The real Env: Asio's sockets and timers, c-ares for names, OpenSSL directly on the socket.
#pragma once

#include "net/env.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postern::net {

struct RealEnvOptions {
  std::vector<std::string> egress_deny;  // CIDR; IPv4-mapped IPv6 addresses count as their IPv4
  std::vector<std::string> dns_servers;  // "192.0.2.53" or "192.0.2.53:5353"; empty: the system's
};

/// Serves all shards. Makes the process ignore SIGPIPE: a peer that hangs up is an Error, not our
/// end. Must outlive every coroutine that uses it.
/// Errors: a deny entry that is no CIDR; io.
Result<std::unique_ptr<Env>> make_real_env(const RealEnvOptions& options);

}  // namespace postern::net
