// API tokens and people.
#pragma once

#include "storage/accounts.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

/// last_used_at is written this seldom, so that using a token costs no write each time.
constexpr std::chrono::minutes last_used_step{1};

class AccountsTable final : public Accounts {
 public:
  explicit AccountsTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<TokenRow>> create_token(TokenRow row, std::string sha256) override;
  net::Task<Result<std::optional<TokenRow>>> find_token(std::string sha256) override;
  net::Task<Result<std::vector<TokenRow>>> list_tokens() override;
  net::Task<Result<void>> remove_token(TokenId id) override;
  net::Task<Result<void>> set_user(UserRow row, Instant at) override;
  net::Task<Result<std::optional<UserRow>>> find_user(std::string name) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
