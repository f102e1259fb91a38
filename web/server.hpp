// The HTTP server as main.cpp sees it: one listening port, plain or TLS, on a thread of its own.
//
// The API's handlers run on that thread; they call the store and the hub, which come back to it.
#pragma once

#include "core/secret.hpp"
#include "net/env.hpp"
#include "storage/store.hpp"
#include "web/server_facts.hpp"
#include "web/server_limits.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postern::flows {
class Hub;
class Metrics;
}  // namespace postern::flows

namespace postern::web {

class Gateway;

struct ServerOptions {
  std::string listen = "127.0.0.1:8025";  // "[::1]:8025"; port 0 takes any free one
  std::string tls_certificate, tls_key;   // PEM files; both or none
  Secret admin_token;                     // empty: there is none
  std::string public_url;                 // without a slash at its end; may be empty
  bool metrics_public = false;            // /metrics without a token
  std::string pages_dir;                  // serves the page's own files from there; else embedded
  std::vector<std::string> trusted_proxies;  // addresses or CIDR, whose X-Forwarded-For counts
  std::uint64_t body_bytes_max = 40 * 1024 * 1024;  // of POST /send; others: 1 MiB
  /// Given the one-time code while nobody can sign in yet, and an empty one as soon as somebody
  /// can.
  std::function<void(const Secret& code)> tell_first_start;
  ServerFacts facts;  // but when it was started
  ServerLimits limits;
};

class Server {
 public:
  /// All references outlive the server.
  Server(ServerOptions options, flows::Hub& hub, storage::Store& store, flows::Metrics& metrics,
         net::Env& env);
  /// The same over any gateway, for tests.
  Server(ServerOptions options, std::unique_ptr<Gateway> gateway, storage::Store& store,
         net::Env& env);
  ~Server();  // stop()

  /// Binds, then serves on its own thread. Errors: std::errc's with a sentence that names the
  /// address or the file: port taken, no such address, certificate unreadable, key does not fit.
  Result<void> start();

  /// Reads certificate and key again, for connections from now on; what is no good changes nothing.
  /// From any thread, between start() and stop().
  void reload_certificate();

  /// The bound port, after start().
  std::uint16_t port() const;

  /// Takes no new connection, lets running requests end (limits.stop at most), then ends them.
  /// Returns when all is over. Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::web
