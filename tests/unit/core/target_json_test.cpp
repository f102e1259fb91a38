// The target's JSON: strict, and only what this version can do.
#include "core/json_fields.hpp"
#include "core/target.hpp"
#include "core/target_types.hpp"

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

TEST(TargetJson, Names_the_types_there_are) {
  EXPECT_EQ(told("type", "\"carrier_pigeon\""),
            "/type: must be one of \"webhook\", \"raw\", \"osticket\", \"rt\", \"redmine\", "
            "\"zammad\", \"rails_relay\", \"smtp\", \"imap_append\", \"pull\"\n");
}

/// A target of each type with all it has.
const char* const whole[] = {
    R"({"name":"n","type":"raw","url":"https://a.example/in","headers":{"X-A":"b"},"timeout_s":600,
        "auth":{"username":"u","password":"geheim"},"ca_pem":null})",
    R"({"name":"n","type":"osticket","url":"https://a.example","api_key":"geheim",
        "allow_control_headers":true})",
    R"({"name":"n","type":"rt","url":"https://a.example/rt","queue":"Support","action":"comment",
        "fields":{"ticket":"7"},"auth":{"method":"password","username":"u","password":"geheim"}})",
    R"({"name":"n","type":"redmine","url":"https://a.example","api_key":"geheim","project":"desk",
        "fields":{"issue[tracker]":"Bug","unknown_user":"accept"}})",
    R"({"name":"n","type":"zammad","url":"https://a.example","api_key":"geheim","group":"Users",
        "fields":{"priority":"2 normal"}})",
    R"({"name":"n","type":"rails_relay","url":"https://a.example","auth":{"password":"geheim"}})",
    R"({"name":"n","type":"smtp","host":"mx.example","port":25,"security":"none",
        "recipients":["desk@a.example","b@a.example"],"sender":"relay@a.example",
        "auth":{"method":"none"},"tls":{"verify":false}})",
    R"({"name":"n","type":"imap_append","host":"imap.example","folder":"Desk/In",
        "auth":{"username":"u","password":"geheim"}})",
};

TEST(TargetJson, Of_each_type_reads_back_what_it_wrote_and_writes_no_secret) {
  for (const char* text : whole) {
    const auto json = boost::json::parse(text);
    const auto first = parse_target(json);
    ASSERT_TRUE(std::holds_alternative<TargetDraft>(first)) << text << told(json);
    const auto& draft = std::get<TargetDraft>(first);
    const auto written = to_json(draft.value);

    const auto second = parse_target(written);

    ASSERT_TRUE(std::holds_alternative<TargetDraft>(second)) << text << told(written);
    EXPECT_EQ(to_json(std::get<TargetDraft>(second).value), written);
    EXPECT_EQ(boost::json::serialize(written).find("geheim"), std::string::npos);
    const bool has_secret = std::string_view(text).find("geheim") != std::string_view::npos;
    EXPECT_EQ(draft.credential.has_value(), has_secret);
    if (has_secret) EXPECT_EQ(draft.credential, Secret("geheim"));
  }
}

TEST(TargetJson, Refuses_what_a_type_does_not_have_but_takes_it_empty) {
  auto json = boost::json::parse(whole[1]).as_object();
  json["queue"] = "";
  json["recipients"] = boost::json::array();
  json["raw"] = false;
  json["auth"] = nullptr;
  EXPECT_EQ(told(json), "");

  json["queue"] = "General";

  EXPECT_EQ(told(json), "/queue: must be left out: it is no setting of the type \"osticket\"\n");
}

TEST(TargetJson, Tells_at_its_pointer_what_a_type_needs) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"name":"n","type":"zammad","url":"https://a.example"})", "/group"},
      {R"({"name":"n","type":"rt","url":"https://a.example","queue":""})", "/queue"},
      {R"({"name":"n","type":"rt","url":"https://a.example","action":"a b"})", "/action"},
      {R"({"name":"n","type":"redmine","api_key":"k"})", "/url"},
      {R"({"name":"n","type":"osticket","url":"https://a.example","api_key":""})", "/api_key"},
      {R"({"name":"n","type":"smtp","host":"mx.example"})", "/recipients"},
      {R"({"name":"n","type":"smtp","host":"mx.example","recipients":["nobody"]})",
       "/recipients/0"},
      {R"({"name":"n","type":"smtp","recipients":["a@b.example"]})", "/host"},
      {R"({"name":"n","type":"smtp","host":"mx.example","security":"none",
           "recipients":["a@b.example"],"auth":{"username":"u","password":"p"}})",
       "/security"},
      {R"({"name":"n","type":"imap_append","host":"i.example","folder":""})", "/folder"},
      {R"({"name":"n","type":"imap_append","host":"i.example",
           "auth":{"method":"oauth2","username":"u"}})",
       "/auth/grant"},
      {R"({"name":"n","type":"raw","url":"https://a.example",
           "auth":{"method":"oauth2","username":"u","grant":"grt_0000000000001"}})",
       "/auth/method"},
      {R"({"name":"n","type":"raw","url":"https://a.example","headers":{"X-Postern-Test":"1"}})",
       "/headers/X-Postern-Test"},
      {R"({"name":"n","type":"rt","url":"https://a.example","timeout_s":601})", "/timeout_s"},
  };
  for (const auto& [text, pointer] : bad) {
    EXPECT_TRUE(told(boost::json::parse(text)).starts_with(std::string(pointer) + ": "))
        << text << " " << told(boost::json::parse(text));
  }
}

TEST(TargetJson, A_login_over_an_open_line_is_for_loopback_and_for_who_insists) {
  const auto with = [](const char* host, bool allowed) {
    auto json = boost::json::parse(whole[7]).as_object();
    json["host"] = host;
    json["security"] = "none";
    json["tls"] = boost::json::object{{"allow_plain_password", allowed}};
    return told(json);
  };
  EXPECT_NE(with("imap.example", false), "");
  EXPECT_EQ(with("imap.example", true), "");
  EXPECT_EQ(with("127.0.0.1", false), "");
}

TEST(TargetTypes, Add_the_path_of_a_helpdesk_where_it_is_not_given) {
  const auto url = [](const char* word, const char* given) {
    return helpdesk_url(*find_target_type(word), given);
  };
  EXPECT_EQ(url("osticket", "https://a.example/"), "https://a.example/api/tickets.email");
  EXPECT_EQ(url("osticket", "https://a.example/api/http.php/tickets.email"),
            "https://a.example/api/http.php/tickets.email");
  EXPECT_EQ(url("rt", "https://a.example/rt"), "https://a.example/rt/REST/1.0/NoAuth/mail-gateway");
  EXPECT_EQ(url("rt", "https://a.example/REST/1.0/NoAuth/mail-gateway?x=1"),
            "https://a.example/REST/1.0/NoAuth/mail-gateway?x=1");
  EXPECT_EQ(url("raw", "https://a.example/in/"), "https://a.example/in/");
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
