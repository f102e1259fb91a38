#include "storage/action_secrets.hpp"

#include "core/base64.hpp"
#include "storage/secret_rows.hpp"

#include <string>

namespace postern::storage {
namespace {

constexpr std::size_t signing_secret_bytes = 32;  // Standard Webhooks: 24 to 64

std::string field(std::size_t index) {
  return "action." + std::to_string(index);
}

/// The former action whose secret goes on, not yet taken by another.
std::optional<std::size_t> heir_of(const Action& action, const std::vector<Action>& former,
                                   const std::vector<bool>& taken) {
  for (std::size_t i = 0; i < former.size(); ++i) {
    if (taken[i] || !former[i].secret_set || former[i].type != action.type) continue;
    if (origin_of(former[i].url) == origin_of(action.url)) return i;
  }
  return std::nullopt;
}

}  // namespace

Result<void> put_action_secrets(Transaction& transaction, const Engine& engine,
                                std::string_view table, std::int64_t row,
                                const std::vector<Action>& former, std::vector<Action>& actions,
                                const std::vector<std::optional<Secret>>& given) {
  POSTERN_TRY(auto kept, get_action_secrets(transaction, engine.keys, table, row, former));
  std::vector<bool> taken(former.size(), false);
  std::vector<Secret> fresh(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (i < given.size() && given[i]) {
      fresh[i] = *given[i];
    } else if (const auto heir = heir_of(actions[i], former, taken)) {
      taken[*heir] = true;
      fresh[i] = kept[*heir];
    } else if (signs(actions[i].type)) {
      fresh[i] = Secret("whsec_" + to_base64(engine.chance.bytes(signing_secret_bytes)));
    }
    actions[i].secret_set = !fresh[i].empty();
  }
  remove_secrets(transaction, table, row);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const auto name = field(i);
    POSTERN_TRY(put_secret(transaction, engine.keys, {table, row, name}, fresh[i]));
  }
  return success();
}

Result<std::vector<Secret>> get_action_secrets(Transaction& transaction, const SecretKeys& keys,
                                               std::string_view table, std::int64_t row,
                                               const std::vector<Action>& actions) {
  std::vector<Secret> secrets;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto name = field(i);
    Secret secret;
    if (actions[i].secret_set) {
      POSTERN_TRY(secret, get_secret(transaction, keys, {table, row, name}));
    }
    secrets.push_back(std::move(secret));
  }
  return secrets;
}

}  // namespace postern::storage
