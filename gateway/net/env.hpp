// Env: the outside world as the flows see it: time, chance, names and connections. Injected, so
// that the simulator can stand in for it. Stream: one connection, plain or TLS.
//
// Every wait has a limit, given by the caller. Cancellation is asio's: an operation_aborted thrown
// at the next co_await, caught by Scope alone.
#pragma once

#include "core/integration.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

/// Why the network did not do it. Each has its own result code and hint in flows/verdict.
enum class errc {
  resolve_failed = 1,  // the name does not exist or has no address
  resolve_timeout,     // no answer of the name servers in time
  egress_denied,       // every address is in [egress] deny
  refused,             // connection refused, no route, unreachable
  connect_timeout,
  timeout,         // a read or write passed its limit
  closed,          // the peer ended the connection
  reset,           // the peer or the network broke it
  tls_handshake,   // the TLS handshake failed for another reason than the certificate
  tls_not_spoken,  // the peer answered the handshake with something else than TLS
  certificate_untrusted,
  certificate_expired,
  certificate_name,  // the certificate is for another host
  certificate_pin,   // the certificate is not the pinned one
  bad_ca,            // ca_pem is not a certificate
  http_malformed,
  http_too_large,
  inflate_malformed,  // compressed bytes (IMAP COMPRESS) that are not deflate
  inflate_limit,      // compressed bytes that swell beyond all measure: a bomb
  worker_died,        // a worker process crashed
  worker_deadline,    // a worker process passed its deadline and was ended
  io,                 // any other error of the operating system
};
const boost::system::error_category& net_category();
inline error_code make_error_code(errc code) {
  return {static_cast<int>(code), net_category()};
}

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// What a TLS peer showed, for the connection test and the certificate watch.
struct TlsFacts {
  std::string version;  // "TLSv1.3"
  std::string subject, issuer;
  std::vector<std::string> chain;  // subjects, leaf first
  Instant not_after;
  std::string sha256;  // of the leaf's DER, lower-case hex
};

class Stream {
 public:
  virtual ~Stream() = default;

  /// At least one byte into `buffer`. One reader and one writer may wait at the same time. A read
  /// that timed out or was cancelled has taken nothing; a limit of 0 asks without waiting.
  /// Errors: timeout, closed (the end, clean or without a TLS good-bye), reset.
  virtual Task<Result<std::size_t>> read_some(std::span<char> buffer, Duration limit) = 0;

  /// Ends the read that waits now, as if its limit had passed; without one nothing happens.
  virtual void end_read() noexcept = 0;

  /// All of `bytes`; they must live until it ends. `limit` is for the whole of it. After a write
  /// that did not come to its end the stream is only good for close().
  /// Errors: timeout, closed, reset.
  virtual Task<Result<void>> write_all(std::string_view bytes, Duration limit) = 0;

  /// The TLS handshake as client; `host` is checked against the certificate. With a pin in `policy`
  /// the leaf must be that certificate, and then chain, name and dates do not matter. A failure
  /// closes the stream: nothing may pass over it unprotected.
  /// Errors: tls_handshake, tls_not_spoken, certificate_*, timeout, closed.
  virtual Task<Result<void>> start_tls(std::string host, TlsPolicy policy, Duration limit) = 0;

  virtual std::optional<TlsFacts> tls_facts() const = 0;  // nothing before start_tls
  virtual std::string peer_address() const = 0;           // "192.0.2.1:993"
  virtual void close() noexcept = 0;
};

/// A wait that can be ended early from its own shard.
class Timer {
 public:
  virtual ~Timer() = default;
  /// True when `duration` passed, false when cancel() ended the wait.
  virtual Task<bool> wait(Duration duration) = 0;
  virtual void cancel() = 0;
};

class Env {
 public:
  virtual ~Env() = default;

  virtual Instant now() = 0;      // wall clock, may jump
  virtual Duration steady() = 0;  // since some start, never jumps
  virtual std::uint64_t random() = 0;

  virtual std::unique_ptr<Timer> make_timer(boost::asio::any_io_executor executor) = 0;

  /// All addresses of a name, IPv6 and IPv4 interleaved. Errors: resolve_failed, resolve_timeout.
  virtual Task<Result<std::vector<std::string>>> resolve(std::string host, Duration limit) = 0;

  /// A TCP connection to the first address that answers; all are tried within `limit`.
  /// Addresses in the egress deny list are not connected to.
  /// Errors: resolve_*, egress_denied, refused, connect_timeout.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint endpoint, Duration limit) = 0;
};

/// Waits `duration` on the current executor.
Task<void> sleep_for(Env& env, Duration duration);

}  // namespace postern::net

template <>
struct boost::system::is_error_code_enum<postern::net::errc> : std::true_type {};
