#include "net/address.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

bool allowed(const std::vector<std::string>& deny, const char* address) {
  return EgressPolicy::parse(deny).value().allows(*parse_address(address));
}

TEST(Address, Reads_and_writes_both_families) {
  EXPECT_EQ(to_string(*parse_address("192.0.2.1"), 993), "192.0.2.1:993");
  EXPECT_EQ(to_string(*parse_address("[2001:DB8::1]"), 993), "[2001:db8::1]:993");
  EXPECT_EQ(to_string(*parse_address("::ffff:192.0.2.1")), "192.0.2.1");
}

TEST(Address, Leaves_names_and_half_addresses_to_the_resolver) {
  for (const char* text :
       {"", "localhost", "127.1", "0x7f000001", "[::1", "1.2.3.4.5", "fe80::1%lo"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(EgressPolicy, Allows_everything_when_empty) {
  EXPECT_TRUE(allowed({}, "127.0.0.1"));
  EXPECT_TRUE(allowed({}, "::1"));
}

TEST(EgressPolicy, Denies_a_range_to_its_edges) {
  EXPECT_FALSE(allowed({"10.0.0.0/8"}, "10.255.255.255"));
  EXPECT_TRUE(allowed({"10.0.0.0/8"}, "11.0.0.0"));
  EXPECT_FALSE(allowed({"192.0.2.128/25"}, "192.0.2.128"));
  EXPECT_TRUE(allowed({"192.0.2.128/25"}, "192.0.2.127"));
  EXPECT_FALSE(allowed({"fc00::/7"}, "fd00::1"));
  EXPECT_TRUE(allowed({"fc00::/7"}, "fe00::1"));
  EXPECT_FALSE(allowed({"192.0.2.1"}, "192.0.2.1"));
  EXPECT_FALSE(allowed({"0.0.0.0/0"}, "192.0.2.1"));
  EXPECT_TRUE(allowed({"0.0.0.0/0"}, "2001:db8::1"));
}

TEST(EgressPolicy, Judges_an_address_by_the_host_it_reaches) {
  EXPECT_FALSE(allowed({"127.0.0.0/8"}, "::ffff:127.0.0.1"));
  EXPECT_FALSE(allowed({"::ffff:10.0.0.0/104"}, "10.1.2.3"));
  EXPECT_FALSE(allowed({"10.0.0.0/8"}, "64:ff9b::10.1.2.3"));
  EXPECT_FALSE(allowed({"127.0.0.0/8"}, "0.0.0.0"));
  EXPECT_FALSE(allowed({"::1"}, "::"));
}

TEST(EgressPolicy, Refuses_an_entry_that_is_no_range) {
  for (const char* entry :
       {"", "example.com", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129"}) {
    EXPECT_FALSE(EgressPolicy::parse({entry})) << entry;
  }
}

}  // namespace
}  // namespace postern::net
