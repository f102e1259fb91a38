// A sliding window of times for each address.
#include "net/login_limit.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace postern::net {
namespace {

namespace ip = boost::asio::ip;

/// What one attacker has at hand: an IPv4 address, or a /64 of IPv6.
std::string key_of(std::string_view address) {
  boost::system::error_code ec;
  const auto parsed = ip::make_address(std::string(address), ec);
  if (ec || !parsed.is_v6() || parsed.to_v6().is_v4_mapped()) return std::string(address);
  auto bytes = parsed.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes).to_string();
}

}  // namespace

void LoginLimit::count(std::string_view address, Duration steady_now) {
  auto& times = wrong_[key_of(address)];
  times.push_back(steady_now);
  if (times.size() > wrong_logins_max + 1) times.pop_front();
  if (wrong_.size() > wrong_logins_addresses_max) drop_oldest();
}

std::optional<Duration> LoginLimit::wait(std::string_view address, Duration steady_now) {
  const auto found = wrong_.find(key_of(address));
  if (found == wrong_.end()) return std::nullopt;
  auto& times = found->second;
  while (!times.empty() && steady_now - times.front() >= wrong_logins_window) times.pop_front();
  if (times.empty()) {
    wrong_.erase(found);
    return std::nullopt;
  }
  if (times.size() <= wrong_logins_max) return std::nullopt;
  return wrong_logins_window - (steady_now - times.front());
}

void LoginLimit::forgive(std::string_view address) {
  const auto found = wrong_.find(key_of(address));
  if (found == wrong_.end()) return;
  found->second.pop_back();
  if (found->second.empty()) wrong_.erase(found);
}

void LoginLimit::drop_oldest() {
  const auto oldest =
      std::ranges::min_element(wrong_, {}, [](const auto& entry) { return entry.second.back(); });
  wrong_.erase(oldest);
}

}  // namespace postern::net
