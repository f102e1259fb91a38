// The password is ours and has 192 random bits, so nobody finds it by trying hashes, however fast:
// one keyed SHA-256 (HMAC, the salt as its key) is enough, and a login costs no CPU. What people
// choose is hashed slowly (web/password).
#include "flows/submission_login.hpp"

#include "core/base64.hpp"
#include "core/hex.hpp"
#include "net/hashing.hpp"

namespace postern::flows {
namespace {

constexpr std::size_t password_words = 3;  // of 64 bits
constexpr std::size_t salt_words = 2;

std::string random_bytes(net::Env& env, std::size_t words) {
  std::string bytes;
  for (std::size_t i = 0; i < words; ++i) {
    auto value = env.random();
    for (std::size_t byte = 0; byte < sizeof value; ++byte, value >>= 8) {
      bytes += static_cast<char>(value & 0xff);
    }
  }
  return bytes;
}

std::string hash_of(const std::string& salt, const Secret& password) {
  return to_hex(net::hmac_sha256(salt, password.reveal()));
}

}  // namespace

NewSubmissionLogin make_submission_login(IntegrationId integration, net::Env& env) {
  NewSubmissionLogin made;
  made.login = integration.str();
  made.password = Secret(to_base64url(random_bytes(env, password_words)));
  made.row.integration = integration;
  made.row.salt = to_hex(random_bytes(env, salt_words));
  made.row.password_hash = hash_of(made.row.salt, made.password);
  made.row.created_at = env.now();
  return made;
}

bool fits(const storage::SubmissionLoginRow& row, const Secret& password) {
  return net::equal_in_constant_time(row.password_hash, hash_of(row.salt, password));
}

}  // namespace postern::flows
