// The server's side of the network: a port, the connections on it, and our certificate.
#pragma once

#include "net/env.hpp"

#include <openssl/types.h>
#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace postern::net {

/// Our certificate and its key, as OpenSSL wants them. Shared by the connections that use them,
/// which may outlive whoever loaded it.
class ServerTls {
 public:
  /// PEM files, the certificate with its chain. Errors: bad_ca; the detail names the file.
  static Result<std::shared_ptr<const ServerTls>> load(const std::string& certificate_file,
                                                       const std::string& key_file);
  const std::shared_ptr<SSL_CTX>& context() const { return context_; }

 private:
  explicit ServerTls(std::shared_ptr<SSL_CTX> context) : context_(std::move(context)) {}
  std::shared_ptr<SSL_CTX> context_;  // with every SSL made of it
};

/// A connection somebody made to us.
class ServerStream : public Stream {
 public:
  /// The TLS handshake as server, with our certificate. A failure closes the stream.
  /// Errors: tls_handshake, tls_not_spoken, timeout, closed.
  virtual Task<Result<void>> accept_tls(std::shared_ptr<const ServerTls> tls, Duration limit) = 0;
};

/// A port. Lives on one executor, as its connections do.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  /// The next connection. Errors: closed (close() was called), io (no descriptor is left: wait a
  /// moment).
  virtual Task<Result<std::unique_ptr<ServerStream>>> accept() = 0;
  virtual std::uint16_t port() const = 0;
  virtual void close() noexcept = 0;
};

/// `host`: an IP address or "localhost"; port 0 takes any free one.
/// Errors: io, and the detail says why: taken, no such address here, not allowed.
Result<std::unique_ptr<Acceptor>> listen_on(const boost::asio::any_io_executor& executor,
                                            const std::string& host, std::uint16_t port);

}  // namespace postern::net
