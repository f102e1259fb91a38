// Event rules: what the contract's JSON means, which events they match and why, and what their
// texts may name.
#include "core/event_rule.hpp"

#include "core/action_variables.hpp"
#include "core/event_kinds.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace postern {
namespace {

EventRule rule(std::string_view when, std::string_view then = "[]") {
  const auto text =
      R"({"name":"r","when":)" + std::string(when) + R"(,"then":)" + std::string(then) + "}";
  auto read = parse_event_rule(boost::json::parse(text));
  if (const auto* problems = std::get_if<FieldProblems>(&read)) {
    ADD_FAILURE() << problems->front().pointer << ": " << problems->front().detail;
    return {};
  }
  return std::get<EventRuleDraft>(read).value;
}

std::string problems_of(std::string_view text) {
  const auto read = parse_event_rule(boost::json::parse(text));
  std::string told;
  if (const auto* problems = std::get_if<FieldProblems>(&read)) {
    for (const auto& each : *problems) told += each.pointer + ": " + each.detail + "\n";
  }
  return told;
}

Event login_failed() {
  auto event = sample_event(*parse_rfc3339("2026-01-15T21:30:00Z"));
  event.id.value = 100;
  event.integration.value = 7;
  return event;
}

struct Row {
  const char* when;
  bool matched;
};

TEST(EventRule, Matches_by_each_condition) {
  const auto support = IntegrationId{7}.str();
  const Row rows[] = {
      {"{}", true},
      {R"({"kinds":["imap.login_failed"]})", true},
      {R"({"kinds":"imap.login_failed"})", true},
      {R"({"kinds":["imap.*"]})", true},
      {R"({"kinds":["smtp.*","pop3.login_failed"]})", false},
      {R"({"kinds":["*"]})", true},
      {R"({"kinds":[]})", true},
      {R"({"server":"IMAP.example.com"})", true},
      {R"({"server":"example.com"})", false},
      {R"({"server":"*.example.com"})", true},
      {R"({"server":"imap?.example.com"})", false},
      {R"({"server":"/^imap\\d*\\.example/"})", true},
      {R"({"server":"^(imap|pop)\\.example\\.com$"})", true},
      {R"({"server":"^smtp\\."})", false},
      {R"({"server":{"op":"regex","value":"example"}})", true},
      {R"({"server":{"op":"equals","value":"imap.*"}})", false},
      {R"({"port":993})", true},
      {R"({"port":[143,993]})", true},
      {R"({"port":143})", false},
      {R"({"login":"support@*"})", true},
      {R"({"login":"sales@example.com"})", false},
      {R"({"ssl":"tls"})", true},
      {R"({"ssl":"starttls"})", false},
      {R"({"ssl":true})", true},
      {R"({"ssl":false})", false},
      {R"({"ssl":"none"})", false},
      {R"({"from":"*@example.com"})", true},
      {R"({"recipient":"customer@example.com"})", true},
      {R"({"recipient":"nobody@*"})", false},
      {R"({"integrations":"all"})", true},
      {R"({"time_of_day":{"from":"22:00","to":"06:00"},"time_zone":"Europe/Berlin"})", true},
      {R"({"time_of_day":{"from":"22:00","to":"06:00"}})", false},
      {R"({"days":["thu"]})", true},
      {R"({"days":["fri"],"time_zone":"Asia/Tokyo"})", true},
      {R"({"days":["mon"]})", false},
      {R"({"kinds":["imap.*"],"port":993,"ssl":true,"login":"sales@*"})", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(match(rule(row.when), login_failed()).matched, row.matched) << row.when;
  }
  EXPECT_TRUE(match(rule(R"({"integrations":[")" + support + "\"]}"), login_failed()).matched);
  EXPECT_FALSE(match(rule(R"({"integrations":["int_other"]})"), login_failed()).matched);
}

TEST(EventRule, Ssl_is_never_assumed_where_the_event_tells_none) {
  auto event = login_failed();
  event.security.clear();

  EXPECT_FALSE(match(rule(R"({"ssl":false})"), event).matched);
  EXPECT_FALSE(match(rule(R"({"ssl":true})"), event).matched);
}

TEST(EventRule, Says_why) {
  const auto found = match(rule(R"({"kinds":["imap.*"],"port":143})"), login_failed());

  ASSERT_EQ(found.findings.size(), 2U);
  EXPECT_TRUE(found.findings[0].holds);
  EXPECT_EQ(found.findings[1].field, "port");
  EXPECT_FALSE(found.findings[1].holds);
  EXPECT_EQ(found.findings[1].reason, "the port is 993; asked for: 143");
}

TEST(EventRule, Never_matches_when_switched_off_or_about_itself) {
  auto mine = rule("{}");
  mine.id.value = 5;
  Event event = login_failed();
  EXPECT_TRUE(match(mine, event).matched);

  event.kind = action_failed_kind;
  event.data["rule"] = mine.id.str();
  EXPECT_FALSE(match(mine, event).matched);
  event.data["rule"] = EventRuleId{6}.str();
  EXPECT_TRUE(match(mine, event).matched);

  mine.enabled = false;
  EXPECT_FALSE(match(mine, login_failed()).matched);
}

constexpr const char* whole = R"({"name":"Night watch","enabled":false,"when":{
  "kinds":["imap.*","smtp.final_delivery_failed"],
  "time_of_day":{"from":"22:00","to":"06:00"},"days":["mon","fri"],"time_zone":"Europe/Berlin",
  "server":"*.example.com","port":[993,143],"login":{"op":"regex","value":"^sup"},"ssl":true,
  "integrations":["int_a"],"from":"a@b.example","recipient":null},"then":[
  {"type":"web_page","method":"POST","url":"https://hooks.example/x?k={{event.kind}}",
   "headers":{"X-Key":"{{secret}}"},"body":"{\"m\":\"{{event.message}}\"}"},
  {"type":"webhook","url":"https://hooks.example/y","format":"slack","text":"{{held_back_text}}"},
  {"type":"log_file","path":"mail/failures.log"},
  {"type":"provider","url":"https://provider.example/events"},
  {"type":"email","to":"a@example.com; b@example.com","subject":"{{event.kind}}","text":"t"},
  {"type":"profile","profile":"On duty"}],"max_frequency_s":60})";

TEST(EventRule, Reads_what_it_writes) {
  auto read = parse_event_rule(boost::json::parse(whole));
  ASSERT_TRUE(std::holds_alternative<EventRuleDraft>(read)) << problems_of(whole);
  const auto first = std::get<EventRuleDraft>(read).value;
  const auto shown = to_json(first);

  auto again = parse_event_rule(shown);
  ASSERT_TRUE(std::holds_alternative<EventRuleDraft>(again))
      << problems_of(boost::json::serialize(shown));

  EXPECT_EQ(to_json(std::get<EventRuleDraft>(again).value), shown);
  EXPECT_EQ(shown.at("max_frequency_s").as_int64(), 60);
  EXPECT_EQ(shown.at("when").at("ssl").as_bool(), true);
  EXPECT_EQ(shown.at("then").as_array().size(), 6U);
  EXPECT_EQ(shown.at("then").at(4).at("to").as_array().size(), 2U);
}

struct Wrong {
  const char* rule;
  const char* told;
};

TEST(EventRule, Names_what_is_wrong) {
  const Wrong rows[] = {
      {R"({"when":{}})", "/name: "},
      {R"({"name":"r","whem":{}})", "/whem: "},
      {R"({"name":"r","when":{"kind":["x"]}})", "/when/kind: "},
      {R"({"name":"r","when":{"kinds":["imap.login_faild"]}})", "did you mean"},
      {R"({"name":"r","when":{"kinds":["ftp.*"]}})", "/when/kinds/0: there is no kind"},
      {R"({"name":"r","when":{"server":"/(/"}})", "/when/server: is no regular expression"},
      {R"({"name":"r","when":{"port":70000}})", "/when/port: must be a number"},
      {R"({"name":"r","when":{"ssl":"maybe"}})", "/when/ssl: "},
      {R"({"name":"r","then":[{"type":"fax"}]})", "/then/0/type: is not \"fax\""},
      {R"({"name":"r","then":[{"type":"sms","url":"http://x.example"}]})", "/then/0/type"},
      {R"({"name":"r","then":[{"type":"log_file","path":"../x"}]})", "/then/0/path: must be"},
      {R"({"name":"r","then":[{"type":"log_file","path":"/etc/passwd"}]})", "/then/0/path: "},
      {R"({"name":"r","then":[{"type":"log_file","path":"a//b"}]})", "/then/0/path: "},
      {R"({"name":"r","then":[{"type":"log_file","path":".hidden"}]})", "/then/0/path: "},
      {R"({"name":"r","then":[{"type":"log_file","path":"a","url":"x"}]})", "/then/0/url: "},
      {R"({"name":"r","then":[{"type":"web_page","url":"ftp://x.example/"}]})", "/then/0/url"},
      {R"({"name":"r","then":[{"type":"web_page","url":"http://{{server}}/"}]})",
       "/then/0/url: its host must stand there"},
      {R"({"name":"r","then":[{"type":"web_page","url":"http://x.example/{{nonsense}}"}]})",
       "/then/0/url: line 1, column 18: \"nonsense\" is not among the variables"},
      {R"({"name":"r","then":[{"type":"webhook","url":"http://x.example/{{secret}}"}]})",
       "\"secret\" is not among the variables"},
      {R"({"name":"r","then":[{"type":"webhook","url":"http://x.example/","headers":
        {"webhook-id":"1"}}]})",
       "/then/0/headers/webhook-id: is set by Postern itself"},
      {R"({"name":"r","then":[{"type":"webhook","url":"http://x.example/","secret":"abc"}]})",
       "/then/0/secret: must be \"whsec_\""},
      {R"({"name":"r","then":[{"type":"email","to":"nobody"}]})", "is no e-mail address"},
      {R"({"name":"r","then":[{"type":"email","subject":"x"}]})", "/then/0/to: is required"},
      {R"({"name":"r","then":[{"type":"email","to":"a@b.example","text":"{{server"}]})",
       "/then/0/text: line 1, column 1"},
      {R"({"name":"r","max_frequency_s":-1})", "/max_frequency_s: "},
  };
  for (const auto& row : rows) {
    EXPECT_NE(problems_of(row.rule).find(row.told), std::string::npos) << row.rule << "\n"
                                                                       << problems_of(row.rule);
  }
}

TEST(EventRule, Has_a_limit_on_everything_that_is_listed) {
  std::string actions;
  for (std::size_t i = 0; i <= event_rule_actions_max; ++i) {
    actions += std::string(i > 0 ? "," : "") + R"({"type":"log_file","path":"x"})";
  }
  EXPECT_NE(problems_of(R"({"name":"r","then":[)" + actions + "]}").find("/then: has too many"),
            std::string::npos);

  std::string ports = "1";
  for (std::size_t i = 0; i < event_rule_ports_max; ++i) ports += ",2";
  EXPECT_NE(problems_of(R"({"name":"r","when":{"port":[)" + ports + "]}}").find("too many"),
            std::string::npos);

  const std::string pattern(TextPattern::bytes_max + 1, 'a');
  EXPECT_NE(
      problems_of(R"({"name":"r","when":{"server":")" + pattern + "\"}}").find("/when/server"),
      std::string::npos);
}

TEST(EventRule, A_regular_expression_has_a_bounded_size) {
  EXPECT_NE(problems_of(R"({"name":"r","when":{"server":"/((a{100}){100}){100}/"}})")
                .find("is no regular expression"),
            std::string::npos);
}

TEST(Wildcard, Matches_without_regard_to_case) {
  EXPECT_TRUE(wildcard_matches("*", ""));
  EXPECT_TRUE(wildcard_matches("a*c", "AbC"));
  EXPECT_TRUE(wildcard_matches("*.b?", "a.bc"));
  EXPECT_FALSE(wildcard_matches("a?c", "ac"));
  EXPECT_FALSE(wildcard_matches("", "a"));
  const std::string many(5000, 'a');
  EXPECT_FALSE(wildcard_matches("*a*a*a*a*a*a*a*a*b", many));
}

TEST(ActionVariables, Are_all_given_and_no_others) {
  const auto values = action_variables(sample_event(Instant()), {});

  std::set<std::string_view> named(action_variable_names().begin(), action_variable_names().end());
  std::set<std::string_view> given;
  for (const auto& [name, value] : values) given.insert(name);
  EXPECT_EQ(named, given);
}

TEST(ActionVariables, Tell_what_was_held_back) {
  NoticeFacts facts;
  EXPECT_EQ(held_back_text(facts), "");
  facts.held_back = 99;
  facts.held_back_since = parse_rfc3339("2026-11-22T10:02:00Z");

  EXPECT_EQ(held_back_text(facts), "99 more since 2026-11-22T10:02:00.000Z");
  EXPECT_NE(default_subject(sample_event(Instant()), facts).find("(99 more)"), std::string::npos);
  EXPECT_NE(default_text(sample_event(Instant()), facts).find("99 more since"), std::string::npos);
}

TEST(EventKinds, Know_themselves_and_their_groups) {
  for (const auto kind : event_kinds()) EXPECT_EQ(event_kind_problem(kind), "") << kind;
  EXPECT_EQ(event_kind_problem("smtp.*"), "");
  EXPECT_EQ(event_kind_problem("*"), "");
  EXPECT_NE(event_kind_problem("imap."), "");
  EXPECT_FALSE(is_of_kind("imapx.failed", "imap.*"));
}

}  // namespace
}  // namespace postern
