// Shapes of hosts, addresses, URLs and dates.
#include "core/syntax.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(Syntax, Takes_hosts_that_are_names_or_addresses) {
  for (const char* host : {"a", "imap.example.com", "xn--mller-kva.de", "a_b.example", "1.2.3.4",
                           "::1", "2001:db8::1", "::ffff:1.2.3.4", "3com.example"}) {
    EXPECT_TRUE(valid_host(host)) << host;
  }
}

TEST(Syntax, Refuses_other_hosts) {
  for (const char* host : {"",          ".",      "a.",        "a..b",
                           "-a",        "a-",     "a b",       "a/b",
                           "a@b",       "1.2.3",  "256.1.1.1", "01.2.3.4",
                           "[::1]",     ":::",    "1::2::3",   "fe80::1%eth0",
                           "müller.de", "a\r\nb", "12345",     "1:2:3:4:5:6:7:8:9",
                           "::1.2.3"}) {
    EXPECT_FALSE(valid_host(host)) << host;
  }
  EXPECT_FALSE(valid_host(std::string(64, 'a')));
  EXPECT_TRUE(valid_host(std::string(63, 'a')));
  std::string longest;
  while (longest.size() < 252) longest += "a.";
  EXPECT_TRUE(valid_host(longest + "a"));
  EXPECT_FALSE(valid_host(longest + "a.a"));
}

TEST(Syntax, Takes_addresses_of_mail) {
  for (const char* address : {"a@b", "a.b+c@example.com", "\"a b\"@example.com", "a@[1.2.3.4]",
                              "a@[IPv6:2001:db8::1]", "jörg@müller.de", "\"a\\\"b\"@example.com"}) {
    EXPECT_TRUE(valid_addr_spec(address)) << address;
  }
  EXPECT_TRUE(valid_addr_spec(std::string(64, 'a') + "@b"));
}

TEST(Syntax, Refuses_other_addresses) {
  for (const char* address :
       {"",           "a",         "@b",      "a@",      "a@b@c",           "a..b@c",    ".a@c",
        "a.@c",       "a b@c",     "a@b c",   "<a@b>",   "a@b\r\nBcc: x@y", "a,b@c",     "\"a@b",
        "\"a\"b\"@c", "a@[1.2.3]", "a@[::1]", "a\xFF@b", "\"a\\\"@b",       "a@[1.2.3.4"}) {
    EXPECT_FALSE(valid_addr_spec(address)) << address;
  }
  EXPECT_FALSE(valid_addr_spec(std::string(65, 'a') + "@b"));
}

TEST(Syntax, Splits_lists_at_comma_semicolon_and_line_break) {
  EXPECT_EQ(split_addresses(" a@b, c@d;;\r\ne@f \n"),
            (std::vector<std::string>{"a@b", "c@d", "e@f"}));
  EXPECT_TRUE(split_addresses("").empty());
}

TEST(Syntax, Takes_urls_of_web_servers) {
  for (const char* url : {"http://a", "https://a.example/x?y=z", "https://1.2.3.4:8443/",
                          "http://[::1]:80/x", "https://a.example?x=a@b"}) {
    EXPECT_FALSE(http_url_problem(url)) << url << *http_url_problem(url);
  }
}

TEST(Syntax, Refuses_other_urls) {
  for (const char* url :
       {"", "ftp://a", "a.example", "https://", "https:///x", "https://u:p@a/", "https://a/#f",
        "https://a b/", "https://a/\r\nX: y", "https://a:0/", "https://a:65536/", "https://a:x/",
        "https://a:", "https://[::1/", "https://[::1]x/", "https://é/"}) {
    EXPECT_TRUE(http_url_problem(url)) << url;
  }
  EXPECT_TRUE(http_url_problem("https://a/" + std::string(2000, 'x')));
}

TEST(Syntax, Takes_days_that_exist) {
  for (const char* day : {"2026-01-31", "2024-02-29", "1999-12-31"}) EXPECT_TRUE(valid_date(day));
  for (const char* day : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-31", "31.01.2026",
                          "2026-01-3x", "2026-01-31T00:00", "-026-01-31", ""}) {
    EXPECT_FALSE(valid_date(day)) << day;
  }
}

TEST(Syntax, Loopback_is_what_does_not_leave_the_machine) {
  for (const char* host : {"localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"notlocalhost", "localhost.example", "127.0.0.1.example", "::2", "0"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Syntax, Tokens_hold_no_separators) {
  EXPECT_TRUE(valid_token("X-Ticket"));
  for (const char* name : {"", "X Y", "X:", "X\r\n", "é"}) EXPECT_FALSE(valid_token(name)) << name;
}

}  // namespace
}  // namespace postern
