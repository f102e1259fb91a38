// Whose request it is when a proxy stands between: X-Forwarded-For, believed from trusted ones
// only.
#pragma once

#include "core/result.hpp"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

class TrustedProxies {
 public:
  /// Addresses and CIDR networks. Errors: std::errc's invalid_argument naming the entry.
  static Result<TrustedProxies> parse(const std::vector<std::string>& entries);

  bool contains(std::string_view address) const;

  /// `peer`, or when it is trusted the last address of `forwarded_for` (a header's value) that is
  /// not. What is no address is not believed.
  std::string client(const std::string& peer, std::string_view forwarded_for) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace postern::web
