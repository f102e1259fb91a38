// The real Env: Asio's sockets and timers, c-ares for names, OpenSSL directly on the socket.
#pragma once

#include "net/env.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postern::net {

struct RealEnvOptions {
  std::vector<std::string> egress_deny;  // CIDR; IPv4-mapped IPv6 addresses count as their IPv4
};

/// Errors: a deny entry that is no CIDR.
Result<std::unique_ptr<Env>> make_real_env(RealEnvOptions options);

}  // namespace postern::net
