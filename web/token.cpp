// Randomness and hashes from OpenSSL.
#include "web/token.hpp"

#include "core/base64.hpp"
#include "core/hex.hpp"
#include "core/result.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

namespace postern::web {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t webhook_secret_bytes = 32;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  const int ok =
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
  POSTERN_ASSERT(ok == 1);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int ok =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  POSTERN_ASSERT(ok == 1);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

NewToken make_token() {
  const auto text = std::string(token_prefix) + random_text(token_bytes);
  return {Secret(text), sha256_hex(text)};
}

std::string sha256_hex(std::string_view bytes) {
  return to_hex(sha256(bytes));
}

std::string random_text(std::size_t bytes) {
  return to_base64url(random_bytes(bytes));
}

Secret make_webhook_secret() {
  return Secret("whsec_" + to_base64(random_bytes(webhook_secret_bytes)));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  const auto hash_a = sha256(a);
  const auto hash_b = sha256(b);
  return CRYPTO_memcmp(hash_a.data(), hash_b.data(), hash_a.size()) == 0;
}

}  // namespace postern::web
