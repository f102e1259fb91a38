// All integrations' rows, few at a time: of ten thousand at once they are 30 MB.
#pragma once

#include "storage/integrations.hpp"

#include <functional>

namespace postern::flows {

/// `ids` in their order, in lists of so many.
std::vector<std::vector<IntegrationId>> few_at_a_time(const std::vector<IntegrationId>& ids);

/// Gives each to `take`, those first that were not looked at for the longest time; without those
/// that are removed meanwhile. Errors: the store's.
net::Task<Result<void>> for_each_integration(
    storage::Integrations& table, std::function<void(const storage::StoredIntegration&)> take);
/// The same of `ids`, in their order.
net::Task<Result<void>> for_each_integration(
    storage::Integrations& table, std::vector<IntegrationId> ids,
    std::function<void(const storage::StoredIntegration&)> take);

}  // namespace postern::flows
