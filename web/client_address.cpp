// CIDR matching by Asio; IPv4-mapped IPv6 addresses count as their IPv4.
#include "web/client_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>

namespace postern::web {
namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> address_of(std::string_view text) {
  boost::system::error_code ec;
  auto address = ip::make_address(std::string(text), ec);
  if (ec) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
  TrustedProxies result;
  for (const auto& entry : entries) {
    const bool is_v6 = entry.find(':') != std::string::npos;
    const bool is_network = entry.find('/') != std::string::npos;
    boost::system::error_code ec;
    if (is_v6) {
      const auto text = is_network ? entry : entry + "/128";
      result.v6_.push_back(ip::make_network_v6(text, ec));
    } else {
      const auto text = is_network ? entry : entry + "/32";
      result.v4_.push_back(ip::make_network_v4(text, ec));
    }
    if (ec) {
      return Error{make_error_code(boost::system::errc::invalid_argument),
                   "\"" + entry + "\" is neither an address nor a network"};
    }
  }
  return result;
}

bool TrustedProxies::contains(std::string_view text) const {
  const auto address = address_of(text);
  if (!address) return false;
  if (address->is_v4()) {
    const ip::network_v4 host(address->to_v4(), 32);
    return std::ranges::any_of(
        v4_, [&](const auto& network) { return host == network || host.is_subnet_of(network); });
  }
  const ip::network_v6 host(address->to_v6(), 128);
  return std::ranges::any_of(
      v6_, [&](const auto& network) { return host == network || host.is_subnet_of(network); });
}

std::string TrustedProxies::client(const std::string& peer, std::string_view forwarded_for) const {
  std::string client = peer;
  while (!forwarded_for.empty() && contains(client)) {
    const auto comma = forwarded_for.rfind(',');
    const auto last =
        trimmed(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for =
        comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
    const auto address = address_of(last);
    if (!address) break;
    client = address->to_string();
  }
  return client;
}

}  // namespace postern::web
