// Who may use the API: tokens (kept as SHA-256 hashes) and people (kept as scrypt hashes).
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct TokenRow {
  TokenId id;
  std::string name;
  std::vector<std::string> scopes;  // admin, read, send, pull, metrics
  Instant created_at;
  std::optional<Instant> expires_at, last_used_at;
};

struct UserRow {
  std::string name;
  std::string password_hash;  // whatever web/password wrote
};

class Accounts {
 public:
  virtual ~Accounts() = default;
  /// Errors: name_taken.
  virtual net::Task<Result<TokenRow>> create_token(TokenRow row, std::string sha256) = 0;
  virtual net::Task<Result<std::optional<TokenRow>>> find_token(std::string sha256) = 0;
  virtual net::Task<Result<std::vector<TokenRow>>> list_tokens() = 0;
  virtual net::Task<Result<void>> remove_token(TokenId id) = 0;
  /// Makes an admin, or gives somebody another password, which ends their sessions; people.hpp has
  /// the rest.
  virtual net::Task<Result<void>> set_user(UserRow row, Instant at) = 0;
  virtual net::Task<Result<std::optional<UserRow>>> find_user(std::string name) = 0;
};

}  // namespace postern::storage
