// See assertion.hpp.
#include "oauth/assertion.hpp"

#include "core/base64.hpp"
#include "oauth/form.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

namespace postern::oauth {
namespace {

namespace json = boost::json;

constexpr int key_bits_min = 2048;
constexpr std::int64_t client_lifetime_s = 600;
constexpr std::int64_t service_lifetime_s = 3600;

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* pointer) const {
    release(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Releaser<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;

enum class Algorithm { ps256, rs256 };

Error bad_key(std::string detail) {
  ERR_clear_error();
  return Error{errc::bad_key, std::move(detail)};
}

/// An encrypted key finds no password here, and never asks a terminal for one.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return 0;
}

Bio memory(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<Key> read_key(const Secret& pem) {
  const auto bio = memory(pem.reveal());
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return bad_key("it is no private key in PEM form, or it is encrypted");
  if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return bad_key("it is no RSA key");
  if (EVP_PKEY_bits(key.get()) < key_bits_min) return bad_key("it has fewer than 2048 bits");
  return key;
}

Result<Certificate> read_certificate(std::string_view pem) {
  const auto bio = memory(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (!certificate) return bad_key("it is no certificate in PEM form");
  return certificate;
}

Result<std::string> sign(EVP_PKEY* key, std::string_view text, Algorithm algorithm) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the context's own
  bool well = EVP_DigestSignInit(context.get(), &settings, EVP_sha256(), nullptr, key) == 1;
  if (well && algorithm == Algorithm::ps256) {
    // Source: RFC 7518 §3.5: the salt is as long as the digest.
    well = EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  well = well && EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  well = well && EVP_DigestSign(context.get(), out, &size, bytes, text.size()) == 1;
  if (!well) return bad_key("it does not sign");
  signature.resize(size);
  return signature;
}

std::int64_t seconds(Instant at) {
  return to_milliseconds(at) / 1000;
}

Result<Secret> signed_token(json::object header, const json::object& claims,
                            const Secret& private_key_pem, Algorithm algorithm) {
  POSTERN_TRY(const auto key, read_key(private_key_pem));
  header["typ"] = "JWT";
  header["alg"] = algorithm == Algorithm::ps256 ? "PS256" : "RS256";
  auto token = to_base64url(json::serialize(header)) + "." + to_base64url(json::serialize(claims));
  POSTERN_TRY(const auto signature, sign(key.get(), token, algorithm));
  token += "." + to_base64url(signature);
  return Secret(std::move(token));
}

}  // namespace

Result<std::string> thumbprint_of(std::string_view certificate_pem) {
  POSTERN_TRY(const auto certificate, read_certificate(certificate_pem));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) {
    return bad_key("the certificate has no digest");
  }
  return to_base64url({reinterpret_cast<const char*>(digest.data()), size});
}

Result<Instant> certificate_end(std::string_view certificate_pem) {
  POSTERN_TRY(const auto certificate, read_certificate(certificate_pem));
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1) {
    return bad_key("the certificate has no end");
  }
  return Instant(std::chrono::seconds(::timegm(&parts)));
}

Result<void> check_key(const Secret& private_key_pem, std::string_view certificate_pem) {
  POSTERN_TRY(const auto key, read_key(private_key_pem));
  if (certificate_pem.empty()) return success();
  POSTERN_TRY(const auto certificate, read_certificate(certificate_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return bad_key("the certificate is of another key");
  }
  return success();
}

Result<Secret> client_assertion(const ClientAssertion& claims, const Secret& private_key_pem) {
  json::object header;
  if (!claims.certificate_pem.empty()) {
    POSTERN_TRY(const auto thumbprint, thumbprint_of(claims.certificate_pem));
    header["x5t#S256"] = thumbprint;
  }
  if (!claims.key_id.empty()) header["kid"] = claims.key_id;
  json::object body;
  body["aud"] = claims.token_endpoint;
  body["iss"] = claims.client_id;
  body["sub"] = claims.client_id;
  body["jti"] = claims.id;
  body["iat"] = seconds(claims.now);
  body["nbf"] = seconds(claims.now);
  body["exp"] = seconds(claims.now) + client_lifetime_s;
  return signed_token(std::move(header), body, private_key_pem, Algorithm::ps256);
}

Result<Secret> service_assertion(const ServiceAssertion& claims, const Secret& private_key_pem) {
  json::object header;
  if (!claims.key_id.empty()) header["kid"] = claims.key_id;
  json::object body;
  body["iss"] = claims.account;
  body["sub"] = claims.subject;
  body["scope"] = joined(claims.scopes);
  body["aud"] = claims.token_endpoint;
  body["iat"] = seconds(claims.now);
  body["exp"] = seconds(claims.now) + service_lifetime_s;
  return signed_token(std::move(header), body, private_key_pem, Algorithm::rs256);
}

}  // namespace postern::oauth
