// See check_book.hpp.
#include "flows/check_book.hpp"

namespace postern::flows {

void CheckBook::note(IntegrationId id, bool incoming, PastCheck check) {
  const std::lock_guard lock(mutex_);
  auto& checks = checks_[id][incoming ? 0 : 1];
  checks.push_back(check);
  if (checks.size() > checks_max) checks.pop_front();
}

void CheckBook::forget(IntegrationId id) {
  const std::lock_guard lock(mutex_);
  checks_.erase(id);
}

CheckBook::Past CheckBook::past(IntegrationId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = checks_.find(id);
  if (found == checks_.end()) return {};
  const auto& [in, out] = found->second;
  return {{in.begin(), in.end()}, {out.begin(), out.end()}};
}

}  // namespace postern::flows
