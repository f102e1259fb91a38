// The parts without a server: targets, JSON bodies, tokens, passwords, limits, routes, addresses.
#include "web/client_address.hpp"
#include "web/json_body.hpp"
#include "web/password.hpp"
#include "web/router.hpp"
#include "web/server_listener.hpp"
#include "web/server_response.hpp"
#include "web/token.hpp"
#include "web/url.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern::web {
namespace {

namespace json = boost::json;

TEST(RequestTarget, Keeps_an_encoded_slash_inside_its_segment) {
  const auto target = parse_request_target("/api/v1/integrations/a%2Fb%20c?limit=5&kind=a+b");

  ASSERT_TRUE(target);
  ASSERT_EQ(4u, target->segments.size());
  EXPECT_EQ("a/b c", target->segments[3]);
  EXPECT_EQ("a b", *target->parameter("kind"));
  EXPECT_EQ(nullptr, target->parameter("cursor"));
}

TEST(RequestTarget, Takes_the_absolute_form) {
  const auto target = parse_request_target("http://example.com/healthz");

  ASSERT_TRUE(target);
  EXPECT_EQ("/healthz", target->path);
}

TEST(RequestTarget, Refuses_what_is_broken) {
  for (const char* text :
       {"healthz", "*", "/a%2", "/a%zz", "/a%00", "/a%0d%0a", "/a%ff", "/?x=%0a"}) {
    EXPECT_FALSE(parse_request_target(text)) << text;
  }
}

TEST(RequestTarget, Refuses_more_segments_and_parameters_than_the_limits) {
  std::string path;
  for (std::size_t i = 0; i < path_segments_max; ++i) path += "/a";
  std::string query = "/?a=1";
  for (std::size_t i = 1; i < query_parameters_max; ++i) query += "&a=1";

  EXPECT_TRUE(parse_request_target(path));
  EXPECT_FALSE(parse_request_target(path + "/a"));
  EXPECT_FALSE(parse_request_target(path + "/"));  // one more, which is empty
  EXPECT_TRUE(parse_request_target(query));
  EXPECT_FALSE(parse_request_target(query + "&a=1"));
}

TEST(RequestTarget, Decoding_undoes_encoding) {
  const std::string text = "r\xc3\xa9sum\xc3\xa9 \"100%\"/x";

  EXPECT_EQ(text, percent_decode(percent_encode(text), false));
}

TEST(JsonBody, Refuses_a_key_that_stands_twice) {
  const auto parsed = parse_json(R"({"a":1,"b":{"c":1,"c":2}})");

  ASSERT_FALSE(parsed);
  EXPECT_EQ(400, parsed.error().status);
  EXPECT_EQ("/c", parsed.error().errors.at(0).pointer);
}

TEST(JsonBody, Sees_the_same_key_behind_an_escape) {
  EXPECT_FALSE(parse_json(R"({"ab":1,"a\u0062":2})"));
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":2}])"));
}

TEST(JsonBody, Refuses_bad_utf8_trailing_bytes_and_deep_nesting) {
  EXPECT_FALSE(parse_json("\"\xff\""));
  EXPECT_FALSE(parse_json("{} {}"));
  EXPECT_FALSE(parse_json(""));
  EXPECT_FALSE(parse_json("{\"a\":"));
  EXPECT_TRUE(parse_json(std::string(json_depth_max, '[') + std::string(json_depth_max, ']')));
  EXPECT_FALSE(
      parse_json(std::string(json_depth_max + 1, '[') + std::string(json_depth_max + 1, ']')));
}

TEST(JsonBody, Refuses_a_number_that_no_double_holds) {
  for (const char* body : {R"({"a":-2e911})", "1e309", "[-1e400]"}) {
    const auto parsed = parse_json(body);

    ASSERT_FALSE(parsed) << body;
    EXPECT_EQ(parsed.error().code, "malformed_json") << body;
  }
  for (const char* body : {"1e308", "1e-999", "18446744073709551616"}) {
    EXPECT_TRUE(parse_json(body)) << body;
  }
}

TEST(JsonBody, Merges_as_the_rfcs_examples_do) {
  const std::pair<const char*, const char*> cases[][2] = {
      {{R"({"a":"b"})", R"({"a":"c"})"}, {R"({"a":"c"})", ""}},
      {{R"({"a":"b","b":"c"})", R"({"a":null})"}, {R"({"b":"c"})", ""}},
      {{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"}, {R"({"a":{"b":"d"}})", ""}},
      {{R"({"a":[{"b":"c"}]})", R"({"a":[1]})"}, {R"({"a":[1]})", ""}},
      {{R"({})", R"({"a":{"bb":{"ccc":null}}})"}, {R"({"a":{"bb":{}}})", ""}},
      {{R"({"e":null})", R"({"a":1})"}, {R"({"e":null,"a":1})", ""}},
  };
  for (const auto& each : cases) {
    auto target = json::parse(each[0].first).as_object();

    merge_patch(target, json::parse(each[0].second).as_object());

    EXPECT_EQ(json::parse(each[1].first), json::value(target)) << each[0].second;
  }
}

TEST(Token, Is_new_every_time_and_kept_as_its_hash) {
  const auto a = make_token();
  const auto b = make_token();

  EXPECT_NE(a.token, b.token);
  EXPECT_TRUE(a.token.reveal().starts_with(token_prefix));
  EXPECT_GE(a.token.reveal().size(), token_prefix.size() + 32);
  EXPECT_EQ(sha256_hex(a.token.reveal()), a.sha256);
  EXPECT_EQ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sha256_hex("abc"));
}

TEST(Password, Verifies_its_own_hash_and_no_other) {
  const auto hash = hash_password(Secret("correct horse"));

  ASSERT_TRUE(hash);
  EXPECT_TRUE(verify_password(Secret("correct horse"), hash.value()));
  EXPECT_FALSE(verify_password(Secret("correct horsf"), hash.value()));
  EXPECT_FALSE(verify_password(Secret("correct horse"), nobodys_hash()));
  EXPECT_FALSE(verify_password(Secret("x"), "scrypt$99$8$1$a$b"));
  EXPECT_FALSE(verify_password(Secret("x"), ""));
}

TEST(Password, Has_a_shortest_and_a_longest) {
  EXPECT_FALSE(hash_password(Secret(std::string(password_bytes_min - 1, 'a'))));
  EXPECT_TRUE(hash_password(Secret(std::string(password_bytes_min, 'a'))));
  EXPECT_FALSE(hash_password(Secret(std::string(password_bytes_max + 1, 'a'))));
}

TEST(Router, Answers_405_with_what_is_allowed_and_404_for_the_rest) {
  const auto allowed = match(all_routes(), "POST", *parse_request_target("/healthz"));
  const auto unknown = match(all_routes(), "GET", *parse_request_target("/api/v1/nothing"));

  ASSERT_FALSE(allowed);
  EXPECT_EQ(405, allowed.error().status);
  EXPECT_EQ("GET, HEAD", allowed.error().headers.at(0).second);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(404, unknown.error().status);
}

TEST(Router, Prefers_the_literal_and_takes_no_empty_parameter) {
  const auto test = match(all_routes(), "POST", *parse_request_target("/api/v1/integrations/test"));
  const auto empty = match(all_routes(), "GET", *parse_request_target("/api/v1/integrations/"));

  ASSERT_TRUE(test);
  EXPECT_EQ("/api/v1/integrations/test", test.value().route->pattern);
  EXPECT_FALSE(empty);
}

TEST(Listen, Reads_addresses_with_ports) {
  EXPECT_EQ(8025, parse_listen("127.0.0.1:8025").value().port());
  EXPECT_TRUE(parse_listen("[::1]:0").value().address().is_v6());
  EXPECT_TRUE(parse_listen("localhost:1").value().address().is_loopback());
  for (const char* text : {"", "8025", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "host:1"}) {
    EXPECT_FALSE(parse_listen(text)) << text;
  }
}

TEST(TrustedProxies, Believe_the_last_address_that_is_not_theirs) {
  const auto proxies = TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8", "fd00::/8"}).value();

  EXPECT_EQ("192.0.2.7", proxies.client("127.0.0.1", "198.51.100.1, 192.0.2.7, 10.1.2.3"));
  EXPECT_EQ("203.0.113.5", proxies.client("203.0.113.5", "192.0.2.7"));
  EXPECT_EQ("192.0.2.7", proxies.client("::ffff:127.0.0.1", "192.0.2.7"));
  EXPECT_EQ("10.1.2.3", proxies.client("127.0.0.1", "nonsense, 10.1.2.3"));
  EXPECT_FALSE(TrustedProxies::parse({"10.0.0.0/99"}));
}

TEST(HttpDate, Is_the_fixed_form) {
  EXPECT_EQ("Sun, 06 Nov 1994 08:49:37 GMT", http_date(*parse_rfc3339("1994-11-06T08:49:37Z")));
}

}  // namespace
}  // namespace postern::web
