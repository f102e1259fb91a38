// See check_book.hpp.
#include "flows/check_book.hpp"

namespace postern::flows {

void CheckBook::note(IntegrationId id, bool incoming, PastCheck check) {
  const std::lock_guard lock(mutex_);
  auto& checks = checks_[id][incoming ? 0 : 1];
  checks.push_back(check);
  if (checks.size() > checks_max) checks.erase(checks.begin());
  changed_.insert(id);
}

void CheckBook::forget(IntegrationId id) {
  const std::lock_guard lock(mutex_);
  checks_.erase(id);
  changed_.erase(id);
}

CheckBook::Past CheckBook::past(IntegrationId id) const {
  const std::lock_guard lock(mutex_);
  return past_of(id);
}

void CheckBook::restore(const storage::CheckHistories& kept) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, history] : kept) {
    auto& directions = checks_[id];
    const std::array former = {&history.incoming, &history.outgoing};
    for (std::size_t i = 0; i < directions.size(); ++i) {
      auto& checks = directions[i];
      checks.insert(checks.begin(), former[i]->begin(), former[i]->end());
      if (checks.size() > checks_max) checks.erase(checks.begin(), checks.end() - checks_max);
    }
  }
}

storage::CheckHistories CheckBook::changed() {
  const std::lock_guard lock(mutex_);
  storage::CheckHistories all;
  all.reserve(changed_.size());
  for (const auto id : changed_) all.emplace_back(id, past_of(id));
  changed_.clear();
  return all;
}

CheckBook::Past CheckBook::past_of(IntegrationId id) const {
  const auto found = checks_.find(id);
  if (found == checks_.end()) return {};
  const auto& [in, out] = found->second;
  return {in, out};
}

}  // namespace postern::flows
