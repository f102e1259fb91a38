#include "net/certificate_cache.hpp"

#include "net/certificate.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace postern::net {

void CertificateCache::Free::operator()(X509* certificate) const {
  X509_free(certificate);
}

void CertificateCache::serve(SSL_CTX& context) {
  SSL_CTX_set_cert_verify_callback(&context, &CertificateCache::verify, this);
}

int CertificateCache::verify(X509_STORE_CTX* context, void* self) {
  static_cast<CertificateCache*>(self)->share(*context);
  return X509_verify_cert(context);
}

/// What the server showed is the list that the session keeps: its entries are exchanged. The first
/// one is the certificate that is verified.
void CertificateCache::share(X509_STORE_CTX& context) {
  STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(&context);
  for (int i = 0; shown != nullptr && i < sk_X509_num(shown); ++i) {
    const Certificate fresh(sk_X509_value(shown, i));
    X509* known = shared(*fresh).release();
    sk_X509_set(shown, i, known);
    if (X509_STORE_CTX_get0_cert(&context) == fresh.get()) {
      X509_STORE_CTX_set_cert(&context, known);
    }
  }
}

CertificateCache::Certificate CertificateCache::shared(X509& shown) {
  const auto name = sha256_of(shown);
  const std::lock_guard lock(mutex_);
  X509* known = &shown;
  if (const auto found = certificates_.find(name); found != certificates_.end()) {
    known = found->second.get();
  } else if (!name.empty()) {
    if (certificates_.size() >= certificates_max_) certificates_.clear();  // those in use live on
    X509_up_ref(known);
    certificates_.emplace(name, Certificate(known));
  }
  X509_up_ref(known);
  return Certificate(known);
}

}  // namespace postern::net
