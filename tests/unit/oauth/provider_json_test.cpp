// Providers as JSON: what is shown can be written back, and what is wrong is told field by field.
#include "oauth/provider_json.hpp"

#include "oauth/providers.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace postern::oauth {
namespace {

namespace json = boost::json;

FieldProblems problems_of(std::string_view text) {
  auto read = parse_provider(json::parse(text));
  if (auto* problems = std::get_if<FieldProblems>(&read)) return std::move(*problems);
  return {};
}

bool blames(const FieldProblems& problems, std::string_view pointer) {
  return std::ranges::any_of(problems, [&](const auto& p) { return p.pointer == pointer; });
}

TEST(Provider_json, What_is_known_reads_back_as_it_was) {
  for (const auto& provider : known_providers()) {
    const auto shown = to_json(provider);

    const auto read = parse_provider(shown);

    ASSERT_TRUE(std::holds_alternative<Provider>(read))
        << provider.id << ": " << std::get<FieldProblems>(read).front().pointer << " "
        << std::get<FieldProblems>(read).front().detail;
    EXPECT_EQ(to_json(std::get<Provider>(read)), shown) << provider.id;
  }
}

TEST(Provider_json, Reads_a_company_s_own) {
  const auto read = parse_provider(json::parse(R"({
      "id": "corp", "name": "Our own", "logins": ["password", "oauth2"],
      "imap": {"host": "imap.corp.example", "port": 993, "security": "tls"},
      "smtp": {"host": "smtp.corp.example", "port": 587, "security": "starttls"},
      "oauth": {"flows": ["code"], "issuer": "https://id.corp.example/realms/{tenant}",
        "scopes": {"imap": ["mail.read"], "smtp": ["mail.send"]},
        "parameters": {"prompt": "consent"}},
      "quirks": {"keeps_sent_copies": true}, "domains": ["corp.example"]})"));

  ASSERT_TRUE(std::holds_alternative<Provider>(read));
  const auto& provider = std::get<Provider>(read);
  EXPECT_EQ(provider.smtp.port, 587);
  EXPECT_EQ(provider.smtp.security, Security::starttls);
  EXPECT_TRUE(provider.pop.host.empty());
  EXPECT_EQ(provider.scopes.smtp, std::vector<std::string>{"mail.send"});
  EXPECT_TRUE(provider.quirks.keeps_sent_copies);
  EXPECT_EQ(provider.authorization_parameters.size(), 1U);
}

TEST(Provider_json, Names_every_mistake_at_once) {
  const auto problems = problems_of(R"({
      "id": "Our Own", "logins": ["passwort"],
      "imap": {"host": "imap corp", "port": 70000, "security": "tls"},
      "smtp": {"host": "smtp.corp.example", "port": 25, "security": "none"},
      "oauth": {"flows": ["implicit"], "token_endpoint": "http://id.corp.example/token",
        "scopes": {"imap": ["a b"]}, "parameters": {"a": 1}},
      "quirks": {"odd": true}, "domains": ["corp_.example."], "color": "red"})");

  for (const auto* pointer :
       {"/id", "/name", "/logins", "/imap/host", "/imap/port", "/smtp/security", "/oauth/flows",
        "/oauth/token_endpoint", "/oauth/scopes/imap", "/oauth/parameters", "/quirks/odd",
        "/domains", "/color"}) {
    EXPECT_TRUE(blames(problems, pointer)) << pointer;
  }
  for (const auto& problem : problems) EXPECT_FALSE(problem.detail.empty()) << problem.pointer;
}

TEST(Provider_json, Wants_somewhere_to_go_and_somewhere_to_authorise) {
  EXPECT_TRUE(blames(problems_of(R"({"id":"a","name":"A","logins":["password"]})"), "/smtp"));
  const std::string servers = R"("id":"a","name":"A","logins":["oauth2"],)"
                              R"("smtp":{"host":"a.example","port":465,"security":"tls"})";
  EXPECT_TRUE(blames(problems_of("{" + servers + "}"), "/oauth"));
  const auto no_endpoints = problems_of("{" + servers + R"(,"oauth":{"flows":["code","device"]}})");
  for (const auto* each :
       {"authorization_endpoint", "token_endpoint", "device_authorization_endpoint"}) {
    EXPECT_TRUE(blames(no_endpoints, std::string("/oauth/") + each)) << each;
  }
  EXPECT_TRUE(
      problems_of("{" + servers + R"(,"oauth":{"flows":["code"],"issuer":"https://id.example"}})")
          .empty());
  EXPECT_TRUE(blames(problems_of("[]"), ""));
}

}  // namespace
}  // namespace postern::oauth
