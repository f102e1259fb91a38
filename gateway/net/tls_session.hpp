// TlsSession: OpenSSL directly on a non-blocking socket. It tries, and says what to wait
// for; SocketStream waits. No coroutine here, no clock.
#pragma once

#include "net/certificate_cache.hpp"
#include "net/env.hpp"

#include <openssl/types.h>

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace postern::net {

/// The SSL_CTX of each set of extra CA certificates, made at first use and shared by all threads.
class TlsContexts {
 public:
  /// Errors: bad_ca, io.
  Result<std::shared_ptr<SSL_CTX>> get(const std::optional<std::string>& ca_pem);

 private:
  CertificateCache certificates_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<SSL_CTX>> contexts_;  // by ca_pem; SSLs share them
};

/// What one non-blocking try came to.
struct Step {
  enum class Kind { done, want_read, want_write, failed };
  Kind kind = Kind::done;
  std::size_t bytes = 0;  // moved, when done
  Error error;            // when failed

  static Step moved(std::size_t count) { return {Kind::done, count, {}}; }
  static Step wait_for(Kind what) { return {what, 0, {}}; }
  static Step fail(Error why) { return {Kind::failed, 0, std::move(why)}; }
};

class TlsSession {
 public:
  /// A session about to shake hands over `fd`, which it does not own. `host` is named to the server
  /// (SNI) and must be in its certificate.
  ///
  /// A pin is sufficient and necessary: with policy.pinned_sha256 the leaf must be that
  /// certificate, and then neither chain nor name nor dates matter. Without a pin, policy.verify
  /// decides. Errors: bad_ca, io.
  static Result<std::unique_ptr<TlsSession>> make(TlsContexts& contexts, int fd, std::string host,
                                                  const TlsPolicy& policy);
  /// A server's session with our certificate; asks for none of the client. Errors: io.
  static Result<std::unique_ptr<TlsSession>> make_server(std::shared_ptr<SSL_CTX> context, int fd);
  ~TlsSession();

  /// Errors: tls_handshake, tls_not_spoken, certificate_*, closed, reset.
  Step handshake();
  Step read(std::span<char> buffer);   // Errors: closed, reset, tls_handshake
  Step write(std::string_view bytes);  // the same; may take only a part
  void shut_down() noexcept;           // says good-bye, does not wait for an answer
  TlsFacts facts() const;

 private:
  struct State;
  explicit TlsSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::net
