/* What Debian 12's OpenSMTPD needs to speak TLS with OpenSSL 3. Preloaded into smtpd alone.
 *
 * The processes that speak TLS have no key: they ask another process for each signature, by methods
 * laid over OpenSSL's EC keys. A key that OpenSSL 3 itself made of a certificate is its provider's,
 * which calls no such methods: "missing private key". A key that is made here, by hand, has them. */
#include <openssl/ec.h>
#include <openssl/x509.h>

EVP_PKEY *X509_get_pubkey(X509 *certificate) {
  EVP_PKEY *known = X509_get0_pubkey(certificate);
  const EC_KEY *point = known == NULL ? NULL : EVP_PKEY_get0_EC_KEY(known);
  EVP_PKEY *key = EVP_PKEY_new();
  EC_KEY *ours = EC_KEY_new();
  if (point == NULL || key == NULL || ours == NULL ||
      EC_KEY_set_group(ours, EC_KEY_get0_group(point)) != 1 ||
      EC_KEY_set_public_key(ours, EC_KEY_get0_public_key(point)) != 1) {
    EVP_PKEY_free(key);
    EC_KEY_free(ours);
    return NULL;
  }
  EVP_PKEY_assign_EC_KEY(key, ours);
  return key;
}
