// scrypt by OpenSSL, and the text form of its result.
#include "web/password.hpp"

#include "core/base64.hpp"
#include "web/token.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <optional>
#include <vector>

namespace postern::web {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
constexpr std::uint64_t memory_bytes_max = 256 * 1024 * 1024;

struct Cost {
  unsigned log2_n = 15;
  unsigned r = 8;
  unsigned p = 1;
};

std::optional<std::string> scrypt(std::string_view password, std::string_view salt, Cost cost) {
  std::string out(hash_bytes, '\0');
  const int ok = EVP_PBE_scrypt(password.data(), password.size(),
                                reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
                                std::uint64_t{1} << cost.log2_n, cost.r, cost.p, memory_bytes_max,
                                reinterpret_cast<unsigned char*>(out.data()), out.size());
  if (ok != 1) return std::nullopt;
  return out;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto dollar = text.find('$');
    parts.push_back(text.substr(0, dollar));
    if (dollar == std::string_view::npos) return parts;
    text.remove_prefix(dollar + 1);
  }
}

bool read_number(std::string_view text, unsigned max, unsigned& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc() && end == text.data() + text.size() && out >= 1 && out <= max;
}

}  // namespace

Result<std::string> hash_password(const Secret& password) {
  const auto size = password.reveal().size();
  if (size < password_bytes_min || size > password_bytes_max) {
    return Error{make_error_code(boost::system::errc::invalid_argument),
                 "a password needs 8 to 1024 bytes"};
  }
  const Cost cost;
  const auto salt = random_text(salt_bytes);
  const auto hash = scrypt(password.reveal(), salt, cost);
  POSTERN_ASSERT(hash.has_value());
  return "scrypt$" + std::to_string(cost.log2_n) + "$" + std::to_string(cost.r) + "$" +
         std::to_string(cost.p) + "$" + salt + "$" + to_base64url(*hash);
}

bool verify_password(const Secret& password, std::string_view hash) {
  const auto parts = split(hash);
  Cost cost;
  if (parts.size() != 6 || parts[0] != "scrypt" || !read_number(parts[1], 20, cost.log2_n) ||
      !read_number(parts[2], 32, cost.r) || !read_number(parts[3], 16, cost.p)) {
    return false;
  }
  if (password.reveal().size() > password_bytes_max) return false;
  const auto wanted = from_base64url(parts[5]);
  const auto found = scrypt(password.reveal(), parts[4], cost);
  return wanted && found && equal_in_constant_time(*wanted, *found);
}

std::string_view nobodys_hash() {
  return "scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

}  // namespace postern::web
