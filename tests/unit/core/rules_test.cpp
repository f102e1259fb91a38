// Rules by table: what each field and operator answers, and what is refused with which pointer.
#include "core/route_book.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern {
namespace {

namespace json = boost::json;

MessageSummary invoice() {
  MessageSummary mail;
  mail.subject = "Rechnung Nr. 4711 für Größe C:\\temp [#42]";
  mail.from = {{"Ann Müller", "Ann.Mueller@Example.com"}};
  mail.to = {{"", "support+billing@example.org"}, {"Bob", "bob@example.net"}};
  mail.cc = {{"", "cc@example.net"}};
  mail.envelope_recipients = {"support+vip@example.org"};
  mail.text = "Dear all,\nplease pay.\nRegards";
  mail.headers = {{"Received", "from a"}, {"X-Spam-Flag", "YES"}, {"Received", "from b"}};
  mail.mail_class = "normal";
  AttachmentSummary attachment;
  attachment.filename = "Rechnung.PDF";
  attachment.content_type = "application/pdf";
  mail.attachments.push_back(attachment);
  return mail;
}

struct Asked {
  bool matched = false;
  std::string reason;
};

Asked ask(const std::string& condition, const MessageSummary& mail) {
  FieldProblems problems;
  const auto parsed = RuleCondition::parse(json::parse(condition), "/condition", problems);
  EXPECT_TRUE(parsed) << condition << ": " << (problems.empty() ? "" : problems.front().detail);
  if (!parsed) return {};
  MailFacts facts{.mail = mail};
  facts.size_bytes = 2000;
  facts.received_at = *parse_rfc3339("2026-11-22T18:30:20Z");
  facts.integration = IntegrationId{7};
  facts.integration_name = "Support";
  facts.integration_address = "support@example.org";
  auto answer = parsed->ask(facts);
  return {answer.matched, std::move(answer.reason)};
}

std::string test_of(std::string_view field, std::string_view op, const json::value& value) {
  json::object object;
  object["field"] = field;
  object["op"] = op;
  object["value"] = value;
  return json::serialize(object);
}

struct Row {
  std::string_view field, op;
  json::value value;
  bool matched;
};

TEST(Rules, Answer_for_each_field_and_operator) {
  const Row rows[] = {
      {"from", "contains", "ann müller", true},
      {"from", "equals", "ann.mueller@EXAMPLE.com", true},
      {"from", "equals", "ann.mueller@example", false},
      {"from", "equals", "Ann Müller <ann.mueller@example.com>", true},
      {"from", "wildcard", "*@example.com", true},
      {"from", "wildcard", "*@example.???", true},
      {"from", "wildcard", "*@example.??", false},
      {"to", "contains", "BOB@", true},
      {"cc", "contains", "bob@", false},
      {"recipient", "wildcard", "support+*", true},
      {"recipient", "contains", "billing", false},
      {"subject", "contains", "GRÖSSE", false},  // ß has no single capital: letters are compared
      {"subject", "contains", "GRÖßE", true},
      {"subject", "contains", "C:\\temp", true},
      {"subject", "contains", "C:\\\\temp", false},
      {"subject", "contains", "[#42]", true},
      {"subject", "contains", ".*", false},
      {"subject", "wildcard", "rechnung*[#??]", true},
      {"subject", "wildcard", "rechnung", false},
      {"subject", "regex", "nr\\. \\d{4}\\b", true},
      {"subject", "regex", "(?-i)nr\\.", false},
      {"subject", "equals", "", false},
      {"body", "contains", "please pay", true},
      {"body", "wildcard", "dear*regards", true},
      {"body", "regex", "(?m)^please", true},
      {"header:x-spam-flag", "equals", "yes", true},
      {"header:Received", "contains", "from b", true},
      {"header:Missing", "contains", "a", false},
      {"attachment.name", "wildcard", "*.pdf", true},
      {"attachment.type", "equals", "application/pdf", true},
      {"size", "gt", 1999, true},
      {"size", "gt", 2000, false},
      {"size", "lt", "2001", true},
      {"size", "equals", 2000, true},
      {"class", "equals", "normal", true},
      {"subaddress", "equals", "vip", true},
      {"subaddress", "equals", "billing", true},
      {"integration", "equals", "support", true},
      {"time", "gt", "18:30", true},
      {"time", "equals", "18:30", true},
      {"time", "lt", "18:30", false},
      {"time", "gt", "2026-11-22", true},
      {"time", "lt", "2026-11-22T19:30:30+01:00", true},
      {"time", "equals", "2026-11-22T18:30:20Z", true},
      {"time", "gt", "19:29 Europe/Berlin", true},
      {"time", "gt", "19:31 Europe/Berlin", false},
      {"time", "equals", "13:30 America/New_York", true},
      {"time", "equals", json::parse(R"({"days": ["sun"]})"), true},
      {"time", "equals", json::parse(R"({"days": ["mon", "sat"]})"), false},
      {"time", "equals", json::parse(R"({"days": ["mon"], "time_zone": "Asia/Tokyo"})"), true},
      {"time", "equals", json::parse(R"({"time_of_day": {"from": "18:00", "to": "19:00"}})"), true},
      {"time", "equals", json::parse(R"({"time_of_day": {"from": "18:00", "to": "19:00"},
        "time_zone": "Europe/Berlin"})"),
       false},
      {"time", "equals", json::parse(R"({"time_of_day": {"from": "22:00", "to": "18:31"}})"), true},
      {"thread", "equals", "new", true},
      {"thread", "equals", true, false},
      {"reference", "equals", "42", false}};
  const auto mail = invoice();
  for (const auto& row : rows) {
    const auto condition = test_of(row.field, row.op, row.value);
    const auto asked = ask(condition, mail);
    EXPECT_EQ(row.matched, asked.matched) << condition << ": " << asked.reason;
    EXPECT_FALSE(asked.reason.empty());
  }
}

TEST(Rules, A_mail_without_a_subject_has_an_empty_one_and_html_is_read_as_words) {
  MessageSummary mail;
  mail.html =
      "<style>p {color: invoice}</style><p>Your <b>in</b>voice &amp; more</p><!-- secret --><br>x";

  EXPECT_TRUE(ask(test_of("subject", "equals", ""), mail).matched);
  EXPECT_TRUE(ask(test_of("body", "contains", "Your invoice & more"), mail).matched);
  EXPECT_FALSE(ask(test_of("body", "contains", "secret"), mail).matched);
  EXPECT_FALSE(ask(test_of("body", "contains", "color"), mail).matched);
}

TEST(Rules, Say_what_decided_and_what_the_mail_has_instead) {
  const auto mail = invoice();

  const auto none = ask(R"({"any": [{"field": "subject", "op": "contains", "value": "offer"},
      {"all": [{"field": "size", "op": "gt", "value": 1},
               {"field": "cc", "op": "equals", "value": "x"}]}]})",
                        mail);
  const auto one = ask(R"({"all": [{"any": [{"field": "to", "op": "contains", "value": "nobody"},
      {"field": "from", "op": "contains", "value": "ann"}]},
      {"not": {"field": "class", "op": "equals", "value": "list"}}]})",
                       mail);

  EXPECT_FALSE(none.matched);
  EXPECT_EQ(
      "subject does not contain \"offer\" (\"Rechnung Nr. 4711 für Größe C:\\temp [#42]\"); cc is "
      "not \"x\" (\"cc@example.net\")",
      none.reason);
  EXPECT_TRUE(one.matched);
  EXPECT_EQ("from contains \"ann\"; class is not \"list\" (\"normal\")", one.reason);
}

bool came_in(const std::string& condition, std::string_view at) {
  const MessageSummary mail;
  FieldProblems problems;
  const auto parsed = RuleCondition::parse(json::parse(condition), "/condition", problems);
  EXPECT_TRUE(parsed) << condition;
  MailFacts facts{.mail = mail};
  facts.received_at = *parse_rfc3339(at);
  return parsed && parsed->ask(facts).matched;
}

TEST(Rules, Ask_for_office_hours_by_the_clocks_of_a_zone_also_when_they_are_changed) {
  const auto* office = R"({"field": "time", "op": "equals", "value": {"days": ["mon", "tue", "wed",
    "thu", "fri"], "time_of_day": {"from": "08:00", "to": "17:00"},
    "time_zone": "Europe/Berlin"}})";
  EXPECT_FALSE(came_in(office, "2026-03-27T06:30:00Z"));  // Friday 07:30, winter time
  EXPECT_TRUE(came_in(office, "2026-03-30T06:30:00Z"));   // Monday 08:30, summer time
  EXPECT_TRUE(came_in(office, "2026-03-27T15:59:00Z"));
  EXPECT_FALSE(came_in(office, "2026-03-30T15:00:00Z"));
  EXPECT_FALSE(came_in(office, "2026-03-28T09:00:00Z"));  // Saturday

  // 02:00 to 03:00 is left out in spring, and comes twice in autumn.
  const auto* after_two = R"({"field": "time", "op": "lt", "value": "03:00 Europe/Berlin"})";
  EXPECT_TRUE(came_in(after_two, "2026-03-29T00:59:00Z"));
  EXPECT_FALSE(came_in(after_two, "2026-03-29T01:00:00Z"));
  EXPECT_TRUE(came_in(after_two, "2026-10-25T01:59:00Z"));
  EXPECT_FALSE(came_in(after_two, "2026-10-25T02:00:00Z"));
}

TEST(Rules, Say_in_their_reason_what_the_clock_of_the_zone_showed) {
  const auto asked = ask(test_of("time", "equals", json::parse(R"({"days": ["mon", "tue"],
    "time_of_day": {"from": "08:00", "to": "17:00"}, "time_zone": "Europe/Berlin"})")),
                         MessageSummary());
  EXPECT_EQ("time is not \"mon tue 08:00-17:00 Europe/Berlin\" (sun 19:30 Europe/Berlin)",
            asked.reason);
}

struct Refused {
  std::string condition, pointer, words;
};

TEST(Rules, Refuse_what_is_no_condition_and_say_where) {
  std::string deep = R"({"field": "to", "op": "contains", "value": "a"})";
  for (int i = 0; i <= rule_depth_max; ++i) {
    deep.insert(0, "{\"not\": ");
    deep += "}";
  }
  std::string wide = R"({"field": "to", "op": "contains", "value": "a"})";
  for (std::size_t i = 1; i < rule_nodes_max; ++i) {
    wide += R"(,{"field": "to", "op": "contains", "value": "a"})";
  }
  const Refused rows[] = {
      {R"({"all": []})", "/condition/all", "at least one"},
      {R"({"all": null})", "/condition/all", "at least one"},
      {R"({"any": [{"not": {"field": "nope", "op": "contains", "value": "a"}}]})",
       "/condition/any/0/not/field", "from"},
      {R"({"field": "subject", "op": "has", "value": "a"})", "/condition/op", "contains"},
      {R"({"field": "subject", "op": "regex", "value": "("})", "/condition/value", "RE2"},
      {R"({"field": "subject", "op": "regex", "value": "((a{100}){100}){100}"})",
       "/condition/value", "RE2"},
      {R"({"field": "subject", "op": "gt", "value": "1"})", "/condition/op", "size"},
      {R"({"field": "size", "op": "gt", "value": "big"})", "/condition/value", "bytes"},
      {R"({"field": "size", "op": "contains", "value": "1"})", "/condition/op", "gt"},
      {R"({"field": "time", "op": "gt", "value": "25:00"})", "/condition/value", "18:30"},
      {R"({"field": "time", "op": "gt", "value": "18:30 Europe/Berlim"})", "/condition/value",
       "Europe/Berlin"},
      {R"({"field": "time", "op": "gt", "value": {"days": ["mon"]}})", "/condition/op", "equals"},
      {R"({"field": "time", "op": "equals", "value": {}})", "/condition/value", "time_of_day"},
      {R"({"field": "time", "op": "equals", "value": {"days": ["monday"]}})",
       "/condition/value/days", "mon"},
      {R"({"field": "time", "op": "equals", "value": {"time_zone": "Mars"}})",
       "/condition/value/time_zone", "IANA"},
      {R"({"field": "time", "op": "equals", "value": {"hours": 3}})", "/condition/value/hours", ""},
      {R"({"field": "size", "op": "gt", "value": {"days": ["mon"]}})", "/condition/value", "text"},
      {R"({"field": "header:a b", "op": "contains", "value": "x"})", "/condition/field", "header"},
      {R"({"field": "subject", "op": "contains", "value": ""})", "/condition/value", "empty"},
      {R"({"field": "subject", "op": "contains"})", "/condition/value", "text"},
      {R"({"op": "contains", "value": "a"})", "/condition/field", "required"},
      {R"({"field": "subject", "op": "contains", "value": "a", "extra": 1})", "/condition/extra",
       ""},
      {R"({"all": [{"field": "to", "op": "contains", "value": "a"}], "any": []})", "/condition",
       "more than one"},
      {R"([1])", "/condition", "object"},
      {"{\"all\": [" + wide + "]}", "/condition", "parts"},
      {deep, "/condition/not/not/not/not/not/not/not/not/not/not", "deeper"}};
  for (const auto& row : rows) {
    FieldProblems problems;
    EXPECT_FALSE(RuleCondition::parse(json::parse(row.condition), "/condition", problems));
    ASSERT_FALSE(problems.empty()) << row.condition;
    EXPECT_EQ(row.pointer, problems.front().pointer) << row.condition;
    EXPECT_NE(std::string::npos, problems.front().detail.find(row.words))
        << problems.front().detail;
  }
}

TEST(Rules, A_regular_expression_takes_little_time_on_a_long_text) {
  MessageSummary mail;
  mail.text = std::string(256 * 1024, 'a');

  EXPECT_FALSE(ask(test_of("body", "regex", "(a*)*b"), mail).matched);
  EXPECT_FALSE(ask(test_of("body", "regex", "(.|x)*$y"), mail).matched);
}

constexpr const char* whole_rule = R"({"name": "Invoices \\ odd \"chars\" äöü", "enabled": false,
  "position": 4, "scope": ["int_0000000000007"],
  "condition": {"field": "subject", "op": "regex", "value": "\\[#(\\d+)\\]"},
  "actions": {"targets": ["tgt_0000000000001"],
    "attributes": {"queue": "billing", "n": 2, "b": true}, "tags": ["a", "b"],
    "priority": "high", "ignore": "no", "hold": true, "quarantine": "virus"},
  "stop": true})";

TEST(Rules, Are_read_back_as_they_were_written) {
  const auto parsed = parse_rule(json::parse(whole_rule));
  ASSERT_TRUE(std::holds_alternative<Rule>(parsed))
      << std::get<FieldProblems>(parsed).front().pointer;

  const auto written = to_json(std::get<Rule>(parsed));

  EXPECT_EQ(json::parse(whole_rule), json::value(written));
}

TEST(Rules, Tell_every_mistake_at_once) {
  const auto parsed = parse_rule(json::parse(R"({"name": "", "scope": [], "stop": "yes", "extra": 1,
      "condition": {"all": []}, "actions": {"attributes": {"a": {}}, "ignore": "", "tags": [""],
      "priority": 1.5, "hold": 3, "targets": "x"}})"));

  ASSERT_TRUE(std::holds_alternative<FieldProblems>(parsed));
  std::vector<std::string> pointers;
  for (const auto& each : std::get<FieldProblems>(parsed)) pointers.push_back(each.pointer);
  for (const char* wanted : {"/name", "/scope", "/stop", "/extra", "/condition/all",
                             "/actions/attributes/a", "/actions/ignore", "/actions/tags/0",
                             "/actions/priority", "/actions/hold", "/actions/targets"}) {
    EXPECT_EQ(1, std::ranges::count(pointers, wanted)) << wanted;
  }
}

}  // namespace
}  // namespace postern
