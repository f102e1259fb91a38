// How many wrong logins one address has, and how long it is remembered.
#include "net/login_limit.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

TEST(LoginLimit, Lets_ten_pass_a_minute_and_no_more) {
  LoginLimit limit;
  for (std::size_t i = 0; i < wrong_logins_max; ++i) limit.count("192.0.2.1", Duration(i));

  EXPECT_FALSE(limit.wait("192.0.2.1", Duration(100)));
  limit.count("192.0.2.1", Duration(100));
  EXPECT_EQ(wrong_logins_window - Duration(100), limit.wait("192.0.2.1", Duration(100)));
  EXPECT_FALSE(limit.wait("192.0.2.2", Duration(100)));
  EXPECT_FALSE(limit.wait("192.0.2.1", wrong_logins_window + Duration(100)));
}

TEST(LoginLimit, Counts_the_neighbours_in_a_64_as_one) {
  LoginLimit limit;
  for (std::size_t i = 0; i <= wrong_logins_max; ++i) {
    limit.count("2001:db8::" + std::to_string(i + 1), Duration(0));
  }

  EXPECT_TRUE(limit.wait("2001:db8::99", Duration(1)));
  EXPECT_FALSE(limit.wait("2001:db8:0:1::1", Duration(1)));
}

TEST(LoginLimit, Forgets_the_oldest_addresses_and_the_forgiven) {
  LoginLimit limit;
  for (std::size_t i = 0; i <= wrong_logins_addresses_max; ++i) {
    limit.count(std::to_string(i), Duration(i));
  }
  EXPECT_EQ(wrong_logins_addresses_max, limit.addresses());

  limit.forgive(std::to_string(wrong_logins_addresses_max));

  EXPECT_EQ(wrong_logins_addresses_max - 1, limit.addresses());
}

}  // namespace
}  // namespace postern::net
