// What the tests of real connections need: a server on a loopback port that plays a given part on
// a thread of its own, a certificate authority made on the spot, and a way to run one coroutine.
#pragma once

#include "core/time.hpp"
#include "net/scope.hpp"

#include <openssl/types.h>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace postern::net::testing {

/// Runs `task` to its end; what else waits on `io` (a stream's timer) is left waiting.
void run_to_end(Task<void> task, boost::asio::io_context& io);
void finish(const Scope& scope, boost::asio::io_context& io);

template <class T>
T run(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  run_to_end(detail::keep_result(std::move(task), result), io);
  return std::move(*result);
}

/// Accepts connections one after the other and plays `part` on each; ends when it is destroyed,
/// which also cuts the connection being played.
class Server {
 public:
  using Part = std::function<void(int fd)>;
  explicit Server(Part part);
  ~Server();
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void serve(const Part& part);
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> current_ = -1;
  std::thread thread_;
};

void send_all(int fd, const std::string& bytes);
std::string receive_all(int fd);  // until the peer ends
void wait_for_end(int fd);        // reads until the peer ends or the server is cut

struct Validity {
  int from_days = -1;
  int to_days = 90;
};

/// A certificate with its key.
struct Identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
  std::string sha256() const;
};

class Authority {
 public:
  explicit Authority(const std::string& name);
  std::string pem() const;
  /// A leaf for `host`, a name or an address.
  Identity issue(const std::string& host, Validity validity = {}) const;

 private:
  Identity root_;
};

/// Shakes hands as the server `identity`; nothing when that fails.
std::shared_ptr<SSL> accept_tls(int fd, const Identity& identity);
void send_all(SSL& ssl, const std::string& bytes);
std::string receive_some(SSL& ssl);

}  // namespace postern::net::testing
