// The target's JSON: strict, and only what this version can do.
#include "core/json_fields.hpp"
#include "core/target.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern {
namespace {

boost::json::object good() {
  return boost::json::parse(R"({"name": "Helpdesk", "type": "webhook", "enabled": true,
      "url": "https://helpdesk.example/hook", "headers": {"X-Team": "blue"}, "timeout_s": 10,
      "parallel": 2, "required": false, "raw": true, "fallback": false})")
      .as_object();
}

std::string told(const boost::json::value& json) {
  const auto result = parse_target(json);
  std::string out;
  if (const auto* problems = std::get_if<FieldProblems>(&result)) {
    for (const auto& problem : *problems) out += problem.pointer + ": " + problem.detail + "\n";
  }
  return out;
}

std::string told(std::string_view name, std::string_view value) {
  auto json = good();
  json[name] = boost::json::parse(boost::json::string_view(value));
  return told(json);
}

TEST(TargetJson, Reads_back_what_it_wrote) {
  const auto first = parse_target(good());
  ASSERT_TRUE(std::holds_alternative<TargetDraft>(first)) << told(good());
  auto target = std::get<TargetDraft>(first).value;
  target.id = TargetId{7};

  const auto written = to_json(target);
  const auto second = parse_target(written);

  ASSERT_TRUE(std::holds_alternative<TargetDraft>(second)) << told(written);
  const auto& read = std::get<TargetDraft>(second).value;
  EXPECT_EQ(read.url, "https://helpdesk.example/hook");
  ASSERT_EQ(read.headers.size(), 1u);
  EXPECT_EQ(read.headers[0].second, "blue");
  EXPECT_EQ(read.timeout, std::chrono::seconds(10));
  EXPECT_EQ(read.parallel, 2);
  EXPECT_FALSE(read.required);
  EXPECT_TRUE(read.raw);
  EXPECT_FALSE(read.fallback);
  EXPECT_EQ(written.at("id"), boost::json::string(target.id.str()));
}

TEST(TargetJson, Types_of_later_are_said_to_be_later) {
  for (const char* type :
       {"raw", "osticket", "rt", "redmine", "zammad", "rails_relay", "smtp", "imap_append"}) {
    const auto quoted = std::string("\"") + type + "\"";
    EXPECT_EQ(told("type", quoted),
              "/type: not in this version yet: " + quoted + "; use \"webhook\" or \"pull\"\n");
  }
  EXPECT_EQ(told("type", "\"carrier_pigeon\""), "/type: must be \"webhook\" or \"pull\"\n");
}

TEST(TargetJson, A_pull_target_has_no_url) {
  const auto read = parse_target(boost::json::parse(R"({"name":"desk","type":"pull"})"));
  ASSERT_TRUE(std::holds_alternative<TargetDraft>(read));
  const auto& target = std::get<TargetDraft>(read).value;
  EXPECT_EQ(target.type, "pull");
  EXPECT_TRUE(std::holds_alternative<TargetDraft>(parse_target(to_json(target))));

  const auto with_url = parse_target(
      boost::json::parse(R"({"name":"desk","type":"pull","url":"https://example.com/"})"));
  ASSERT_TRUE(std::holds_alternative<FieldProblems>(with_url));
  EXPECT_EQ(std::get<FieldProblems>(with_url).front().pointer, "/url");
}

TEST(TargetJson, Each_rule_is_told_at_its_pointer) {
  const std::pair<const char*, const char*> bad[] = {
      {"name", "\"\""},
      {"name", "\"tgt_0000000000001\""},
      {"url", "\"ftp://a\""},
      {"url", "\"https://user:pass@a/\""},
      {"url", "null"},
      {"timeout_s", "0"},
      {"timeout_s", "31"},
      {"parallel", "0"},
      {"parallel", "65"},
      {"required", "1"},
      {"raw", "\"yes\""},
      {"ca_pem", "\"MIIB\""},
      {"secret", "\"whsec_AAAA\""},
      {"secret", "\"hunter2\""},
      {"headers", "[]"},
      {"uri", "\"x\""},
  };
  for (const auto& [name, value] : bad) {
    EXPECT_TRUE(told(name, value).starts_with(std::string("/") + name + ": ")) << name << value;
  }
}

TEST(TargetJson, Headers_hold_no_injection_and_none_of_ours) {
  for (const char* headers :
       {R"({"X Y": "a"})", R"({"X-A": "a\r\nX-B: c"})", R"({"X-A": 1})", R"({"Host": "a"})",
        R"({"Webhook-Id": "a"})", R"({"Content-Length": "1"})"}) {
    EXPECT_TRUE(told("headers", headers).starts_with("/headers/")) << headers;
  }
  boost::json::object many;
  for (int i = 0; i < 51; ++i) many["X-" + std::to_string(i)] = "v";
  auto json = good();
  json["headers"] = many;
  EXPECT_EQ(told(json), "/headers: has too many items: at most 50\n");
}

TEST(TargetJson, Takes_an_own_secret_of_24_to_64_bytes) {
  auto json = good();
  json["secret"] = "whsec_" + std::string(32, 'A');  // 24 bytes

  const auto draft = std::get<TargetDraft>(parse_target(json));

  ASSERT_TRUE(draft.secret);
  EXPECT_EQ(draft.secret, Secret("whsec_" + std::string(32, 'A')));
  json["secret"] = "whsec_" + std::string(28, 'A');  // 21 bytes
  EXPECT_NE(told(json), "");
  json["secret"] = "whsec_" + std::string(88, 'A');  // 66 bytes
  EXPECT_NE(told(json), "");
}

}  // namespace
}  // namespace postern
