// Connection: one client, from its first byte to its last; requests one after another.
#pragma once

#include "net/env.hpp"
#include "web/http.hpp"
#include "web/server_limits.hpp"
#include "web/server_transport.hpp"

#include <functional>
#include <memory>
#include <string>

namespace postern::web {

/// What all connections of a server share. Outlives them.
struct ServerShared {
  Application& application;
  net::Env& env;
  ServerLimits limits;
  std::function<std::string(const std::string& peer, const Request& request)> client_of;
  std::uint64_t bodies_bytes = 0;  // being received at the moment
  bool stopping = false;
};

class Connection {
 public:
  Connection(ServerShared& shared, Transport transport);
  ~Connection();

  /// Serves until the client leaves, breaks a limit or the server stops.
  net::Task<void> run();

  /// Whether no request is under way: waiting for one, or for the rest of its head.
  bool waiting() const;
  Duration waiting_since() const;  // on the steady clock
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::web
