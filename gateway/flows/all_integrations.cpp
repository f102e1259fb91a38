#include "flows/all_integrations.hpp"

#include <algorithm>
#include <span>

namespace postern::flows {

net::Task<Result<void>> for_each_integration(
    storage::Integrations& table, std::function<void(const storage::StoredIntegration&)> take) {
  POSTERN_CO_TRY(auto ids, co_await table.ids());
  co_return co_await for_each_integration(table, std::move(ids), std::move(take));
}

net::Task<Result<void>> for_each_integration(
    storage::Integrations& table, std::vector<IntegrationId> ids,
    std::function<void(const storage::StoredIntegration&)> take) {
  for (std::size_t at = 0; at < ids.size(); at += integrations_at_once) {
    const auto rest = std::span(ids).subspan(at);
    const auto first = rest.first(std::min(rest.size(), integrations_at_once));
    std::vector<IntegrationId> next(first.begin(), first.end());
    POSTERN_CO_TRY(const auto rows, co_await table.some(std::move(next)));
    for (const auto& row : rows) take(row);
  }
  co_return success();
}

}  // namespace postern::flows
