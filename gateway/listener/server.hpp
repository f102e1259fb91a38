// The submission listener as main.cpp sees it: one port for STARTTLS, one for TLS at once, on a
// thread of their own. RFC 6409, RFC 8314.
#pragma once

#include "listener/desk.hpp"
#include "listener/limits.hpp"
#include "net/env.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace postern::listener {

struct ServerOptions {
  std::optional<net::Endpoint> listen;      // STARTTLS where there is a certificate
  std::optional<net::Endpoint> tls_listen;  // TLS before the first byte; needs the certificate
  std::string certificate, key;             // PEM files; both or none
  std::string hostname = "localhost";       // in the greeting
  std::uint64_t message_bytes_max = 50 * 1024 * 1024;
  Limits limits;
};

class Server {
 public:
  /// The references outlive the server.
  Server(ServerOptions options, Desk& desk, net::Env& env);
  ~Server();  // stop()

  /// Binds, then serves on its own thread. Errors: net's bad_ca and io, with a sentence that names
  /// the file or the address.
  Result<void> start();

  /// The bound ports after start(); 0 for one that is not there.
  std::uint16_t port() const;
  std::uint16_t tls_port() const;

  /// Reads certificate and key again, for the connections from now on. Where they can't be used
  /// the former stay, and the log says why. Returns at once; from any thread.
  void reload_certificate();

  /// Takes no new connection and no new mail: who waits hears 421, a message under way may end
  /// within limits.stop. Returns at once; stop() waits for the end. From any thread, idempotent.
  void begin_stop();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::listener
