// The sealed secrets of a rule's actions and of a profile's channels: each in the row of its owner,
// under its place.
#pragma once

#include "core/action.hpp"
#include "storage/engine.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::storage {

/// Seals the secrets of `actions` and marks which of them have one. What is left out: a type that
/// signs gets a new one, unless an action of `former` of the same type called the same host, whose
/// secret then stays. A credential never moves to another host.
Result<void> put_action_secrets(Transaction& transaction, const Engine& engine,
                                std::string_view table, std::int64_t row,
                                const std::vector<Action>& former, std::vector<Action>& actions,
                                const std::vector<std::optional<Secret>>& given);

/// In the order of `actions`; empty where there is none.
Result<std::vector<Secret>> get_action_secrets(Transaction& transaction, const SecretKeys& keys,
                                               std::string_view table, std::int64_t row,
                                               const std::vector<Action>& actions);

}  // namespace postern::storage
