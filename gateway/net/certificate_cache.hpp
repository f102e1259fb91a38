// CertificateCache: servers' certificates, parsed once and shared by all connections that were
// shown the same ones. As OpenSSL parses it, a certificate takes 4 KiB for as long as its
// connection lasts, and thousands of mailboxes are on few servers.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace postern::net {

class CertificateCache {
 public:
  explicit CertificateCache(std::size_t certificates_max = 1024)
      : certificates_max_(certificates_max) {}

  /// From now on the sessions of `context` share the certificates they are shown. They are verified
  /// as before. This has to outlive the handshakes.
  void serve(SSL_CTX& context);

 private:
  struct Free {
    void operator()(X509* certificate) const;
  };
  using Certificate = std::unique_ptr<X509, Free>;

  static int verify(X509_STORE_CTX* context, void* self);
  void share(X509_STORE_CTX& context);
  Certificate shared(X509& shown);

  const std::size_t certificates_max_;
  std::mutex mutex_;
  std::map<std::string, Certificate> certificates_;  // by the SHA-256 of their bytes
};

}  // namespace postern::net
