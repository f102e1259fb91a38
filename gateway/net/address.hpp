// IP addresses as we connect to them, and the list of those we must not connect to.
#pragma once

#include "core/result.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

/// An address in 16 bytes; an IPv4 address in its mapped form (::ffff:a.b.c.d), which is also what
/// a written-out mapped address becomes: both name the same host and must meet the same rules.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const Address&) const = default;
};

/// "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; nothing when the text is a name.
std::optional<Address> parse_address(std::string_view text);
std::string to_string(const Address& address);
/// "192.0.2.1:993", "[2001:db8::1]:993"
std::string to_string(const Address& address, std::uint16_t port);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};
SocketAddress socket_address(const Address& address, std::uint16_t port);

/// The [egress] deny list.
class EgressPolicy {
 public:
  /// `deny`: addresses and CIDR ranges, "10.0.0.0/8", "fc00::/7".
  /// Errors: std::errc::invalid_argument, for an entry that is neither.
  static Result<EgressPolicy> parse(const std::vector<std::string>& deny);

  /// Whether we may connect to it. An address that reaches an IPv4 host by another name (mapped,
  /// NAT64, the unspecified address that means this host) is judged by what it reaches.
  bool allows(const Address& address) const;

 private:
  struct Range {
    Address network;
    int prefix_bits = 128;
  };
  bool denied(const Address& address) const;
  std::vector<Range> deny_;
};

}  // namespace postern::net
