#include "flows/all_integrations.hpp"

#include <algorithm>
#include <cstddef>

namespace postern::flows {

std::vector<std::vector<IntegrationId>> few_at_a_time(const std::vector<IntegrationId>& ids) {
  constexpr std::size_t few = 64;
  std::vector<std::vector<IntegrationId>> lists;
  for (std::size_t at = 0; at < ids.size(); at += few) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(at);
    lists.emplace_back(first, first + static_cast<std::ptrdiff_t>(std::min(few, ids.size() - at)));
  }
  return lists;
}

net::Task<Result<void>> for_each_integration(
    storage::Integrations& table, std::function<void(const storage::StoredIntegration&)> take) {
  POSTERN_CO_TRY(auto ids, co_await table.ids());
  co_return co_await for_each_integration(table, std::move(ids), std::move(take));
}

net::Task<Result<void>> for_each_integration(
    storage::Integrations& table, std::vector<IntegrationId> ids,
    std::function<void(const storage::StoredIntegration&)> take) {
  for (auto& few : few_at_a_time(ids)) {
    POSTERN_CO_TRY(const auto rows, co_await table.some(std::move(few)));
    for (const auto& row : rows) take(row);
  }
  co_return success();
}

}  // namespace postern::flows
