#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace postern::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 12> nat64_prefix{0, 0x64, 0xff, 0x9b};  // 64:ff9b::/96, RFC 6052
constexpr int mapped_prefix_bits = 96;

bool starts_with(const Address& address, const std::array<std::uint8_t, 12>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

bool is_v4(const Address& address) {
  return starts_with(address, mapped_prefix);
}

Address v4(const std::uint8_t* four) {
  Address address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
  std::copy(four, four + 4, address.bytes.begin() + mapped_prefix.size());
  return address;
}

bool in_range(const Address& address, const Address& network, int prefix_bits) {
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(network.bytes.begin(), network.bytes.begin() + static_cast<long>(whole),
                  address.bytes.begin())) {
    return false;
  }
  const int rest = prefix_bits % 8;
  if (rest == 0) return true;
  return ((address.bytes[whole] ^ network.bytes[whole]) >> (8 - rest)) == 0;
}

// "8" of "10.0.0.0/8", at most `bits_max`.
std::optional<int> parse_prefix(std::string_view text, int bits_max) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (bits < 0 || bits > bits_max) return std::nullopt;
  return bits;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  Address address;
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, copy.c_str(), four.data()) == 1) return v4(four.data());
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string to_string(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4(address)) {
    inet_ntop(AF_INET, address.bytes.data() + mapped_prefix.size(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::string to_string(const Address& address, std::uint16_t port) {
  const auto text = to_string(address);
  return (is_v4(address) ? text : "[" + text + "]") + ":" + std::to_string(port);
}

SocketAddress socket_address(const Address& address, std::uint16_t port) {
  SocketAddress result;
  if (is_v4(address)) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, address.bytes.data() + mapped_prefix.size(), 4);
    std::memcpy(&result.storage, &in, sizeof in);
    result.length = sizeof in;
    return result;
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(port);
  std::memcpy(&in6.sin6_addr, address.bytes.data(), address.bytes.size());
  std::memcpy(&result.storage, &in6, sizeof in6);
  result.length = sizeof in6;
  return result;
}

Result<EgressPolicy> EgressPolicy::parse(const std::vector<std::string>& deny) {
  EgressPolicy policy;
  for (const auto& entry : deny) {
    const auto slash = entry.find('/');
    const auto address = parse_address(std::string_view(entry).substr(0, slash));
    if (!address) {
      return Error{make_error_code(boost::system::errc::invalid_argument),
                   entry + " is no address"};
    }
    Range range{*address, 128};
    if (slash != std::string::npos) {
      const bool short_form = entry.find(':') == std::string::npos;
      const auto bits =
          parse_prefix(std::string_view(entry).substr(slash + 1), short_form ? 32 : 128);
      if (!bits) {
        return Error{make_error_code(boost::system::errc::invalid_argument),
                     entry + " is no CIDR range"};
      }
      range.prefix_bits = short_form ? *bits + mapped_prefix_bits : *bits;
    }
    policy.deny_.push_back(range);
  }
  return policy;
}

bool EgressPolicy::denied(const Address& address) const {
  return std::any_of(deny_.begin(), deny_.end(), [&](const Range& range) {
    return in_range(address, range.network, range.prefix_bits);
  });
}

bool EgressPolicy::allows(const Address& address) const {
  static const Address any_v4 = *parse_address("0.0.0.0");
  static const Address any_v6 = *parse_address("::");
  if (denied(address)) return false;
  if (starts_with(address, nat64_prefix) &&
      denied(v4(address.bytes.data() + nat64_prefix.size()))) {
    return false;
  }
  // Linux connects the unspecified address to this host.
  if (address == any_v4 || address == any_v6) {
    return !denied(*parse_address("127.0.0.1")) && !denied(*parse_address("::1"));
  }
  return true;
}

}  // namespace postern::net
