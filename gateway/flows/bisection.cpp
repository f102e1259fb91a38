#include "flows/bisection.hpp"

#include <algorithm>

namespace postern::flows {

Bisection::Bisection(const std::vector<std::uint32_t>& uids) {
  for (std::size_t begin = 0; begin < uids.size(); begin += at_once_max) {
    const auto end = std::min(begin + at_once_max, uids.size());
    waiting_.emplace_back(uids.begin() + static_cast<std::ptrdiff_t>(begin),
                          uids.begin() + static_cast<std::ptrdiff_t>(end));
  }
  std::reverse(waiting_.begin(), waiting_.end());
}

std::optional<std::vector<std::uint32_t>> Bisection::next() {
  if (waiting_.empty()) return std::nullopt;
  auto uids = std::move(waiting_.back());
  waiting_.pop_back();
  return uids;
}

void Bisection::refused(const std::vector<std::uint32_t>& uids) {
  if (uids.size() < 2) return;
  const auto middle = uids.begin() + static_cast<std::ptrdiff_t>(uids.size() / 2);
  waiting_.emplace_back(middle, uids.end());
  waiting_.emplace_back(uids.begin(), middle);
}

void Bisection::missing(const std::vector<std::uint32_t>& uids) {
  for (auto uid = uids.rbegin(); uid != uids.rend(); ++uid) {
    waiting_.push_back(std::vector<std::uint32_t>{*uid});
  }
}

}  // namespace postern::flows
