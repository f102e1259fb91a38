// Where a mail goes: the contract's "Routing without rules", the order of rules, stop, scope, and
// what is kept back.
#include "core/route_book.hpp"
#include "core/ignore_list.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace postern {
namespace {

namespace json = boost::json;

Target target(std::int64_t id, std::string name, bool enabled = true, bool fallback = true) {
  Target made;
  made.id = TargetId{id};
  made.name = std::move(name);
  made.enabled = enabled;
  made.fallback = fallback;
  return made;
}

std::vector<Target> three_targets() {
  return {target(1, "desk"), target(2, "archive", true, false), target(3, "off", false)};
}

Rule rule(const std::string& text) {
  auto parsed = parse_rule(json::parse(text));
  EXPECT_TRUE(std::holds_alternative<Rule>(parsed)) << text;
  return std::get<Rule>(std::move(parsed));
}

std::string always(const std::string& name, const std::string& actions,
                   const std::string& more = "") {
  return R"({"name": ")" + name + R"(", "actions": )" + actions + more + "}";
}

Routing route(std::vector<std::string> rules, const std::optional<std::string>& ignored = {},
              std::vector<Target> targets = three_targets()) {
  std::vector<Rule> made;
  for (const auto& each : rules) made.push_back(rule(each));
  const RouteBook book(std::move(made), std::move(targets));
  MessageSummary mail;
  mail.subject = "hello";
  MailFacts facts{.mail = mail};
  facts.integration = IntegrationId{7};
  return book.route(facts, ignored);
}

using Ids = std::vector<TargetId>;
const Ids desk{TargetId{1}}, archive{TargetId{2}}, both{TargetId{1}, TargetId{2}};

TEST(RouteBook, Without_rules_every_enabled_target_gets_it) {
  EXPECT_EQ(both, route({}).targets);
  EXPECT_EQ(both,
            route({always("off", R"({"targets": ["desk"]})", R"(, "enabled": false)")}).targets);
}

TEST(RouteBook, With_rules_but_no_match_the_fallback_gets_it) {
  const auto routing = route({R"({"name": "a", "condition": {"field": "subject", "op": "contains",
      "value": "nothing"}, "actions": {"targets": ["archive"]}})"});

  EXPECT_EQ(desk, routing.targets);
  EXPECT_FALSE(routing.trace.at(0).matched);
  EXPECT_EQ("subject does not contain \"nothing\" (\"hello\")", routing.trace.at(0).reason);
}

TEST(RouteBook, A_match_with_targets_gives_it_to_those_alone) {
  EXPECT_EQ(archive, route({always("a", R"({"targets": ["archive"]})")}).targets);
  EXPECT_EQ(desk, route({always("a", R"({"targets": ["tgt_0000000000001"]})")}).targets);
  EXPECT_EQ(both, route({always("a", R"({"targets": ["desk"]})"),
                         always("b", R"({"targets": ["archive", "desk"]})")})
                      .targets);
}

TEST(RouteBook, A_match_without_targets_leaves_it_to_the_fallback) {
  const auto routing = route({always("a", R"({"tags": ["x"]})")});

  EXPECT_EQ(desk, routing.targets);
  EXPECT_EQ(std::vector<std::string>{"x"}, routing.tags);
}

TEST(RouteBook, Targets_that_are_gone_or_disabled_lose_no_mail) {
  EXPECT_EQ(desk, route({always("a", R"({"targets": ["off", "tgt_0000000000009"]})")}).targets);
}

TEST(RouteBook, Later_rules_add_and_overwrite_until_one_stops) {
  const auto routing =
      route({always("a", R"({"attributes": {"k": 1, "m": "a"}, "priority": 1})"),
             always("b", R"({"attributes": {"k": 2}, "tags": ["t"]})", R"(, "stop": true)"),
             always("c", R"({"attributes": {"k": 3}, "tags": ["u"]})")});

  EXPECT_EQ(json::value(2), routing.attributes.at("k"));
  EXPECT_EQ(json::value("a"), routing.attributes.at("m"));
  EXPECT_EQ(json::value(1), routing.priority);
  EXPECT_EQ(std::vector<std::string>{"t"}, routing.tags);
  ASSERT_EQ(3u, routing.trace.size());
  EXPECT_EQ("the rule \"b\" was the last", routing.trace[2].reason);
}

TEST(RouteBook, A_rule_of_other_integrations_says_so) {
  const auto routing =
      route({always("a", R"({"ignore": "x"})", R"(, "scope": ["int_0000000000008"])"),
             always("b", R"({"hold": true})", R"(, "scope": ["int_0000000000007"])")});

  EXPECT_FALSE(routing.ignored);
  EXPECT_EQ("the rule is not for this integration", routing.trace.at(0).reason);
  EXPECT_EQ("by the rule \"b\"", routing.held);
}

TEST(RouteBook, What_is_kept_back_keeps_where_it_would_have_gone) {
  const auto routing = route({always("a", R"({"ignore": "newsletter", "targets": ["archive"]})"),
                              always("b", R"({"quarantine": "virus"})")});

  EXPECT_FALSE(routing.goes_out());
  EXPECT_EQ("virus", routing.why_not());
  EXPECT_EQ("newsletter", routing.ignored);
  EXPECT_EQ(archive, routing.targets);
  const auto again = routing_from_json(to_json(routing));
  EXPECT_EQ(to_json(routing), to_json(again));
}

TEST(RouteBook, The_ignore_list_comes_before_every_rule) {
  const auto routing = route({always("a", R"({"hold": true})")}, "listed");

  EXPECT_EQ("listed", routing.ignored);
  EXPECT_FALSE(routing.held);
  EXPECT_EQ("ignore list", routing.trace.at(0).name);
  EXPECT_EQ("the mail was ignored before", routing.trace.at(1).reason);
}

TEST(RouteBook, A_condition_that_cannot_be_read_any_more_matches_nothing) {
  Rule broken;
  broken.name = "old";
  broken.condition = "unreadable";
  std::vector<Rule> rules;
  rules.push_back(broken);
  const RouteBook book(std::move(rules), three_targets());
  const MessageSummary mail;

  const auto routing = book.route(MailFacts{.mail = mail}, {});

  EXPECT_EQ(desk, routing.targets);
  EXPECT_FALSE(routing.trace.at(0).matched);
}

TEST(IgnoreList, Goes_by_address_domain_and_subject) {
  IgnoreLists lists;
  lists.addresses = {"Spam@Example.com"};
  lists.domains = {"@bad.example", "*.worse.example"};
  lists.subjects = {"win a \\ prize", "Out of office*"};
  const IgnoreList list(lists);
  const auto reason = [&](std::string from, std::string subject) {
    MessageSummary mail;
    mail.from = {{"", std::move(from)}};
    mail.subject = std::move(subject);
    return list.reason(mail).value_or("");
  };

  EXPECT_EQ("the sender spam@example.com is in the integration's ignore list",
            reason("SPAM@example.COM", ""));
  EXPECT_EQ("the sender's domain bad.example is in the integration's ignore list",
            reason("a@bad.example", ""));
  EXPECT_NE("", reason("a@mx.bad.example", ""));
  EXPECT_NE("", reason("a@x.worse.example", ""));
  EXPECT_EQ("", reason("a@notbad.example", ""));
  EXPECT_NE("", reason("a@b.example", "Fwd: Win a \\ Prize now"));
  EXPECT_NE("", reason("a@b.example", "out of OFFICE until Monday"));
  EXPECT_EQ("", reason("a@b.example", "Re: out of office"));
  EXPECT_EQ("", reason("", ""));
}

TEST(ReferencePatterns, Find_the_first_group_in_a_subject) {
  const ReferencePatterns patterns({R"(\[#(\d+)\])", R"(Ticket-\d+)"});

  EXPECT_EQ("42", patterns.find("Re: [#42] hello"));
  EXPECT_EQ("Ticket-7", patterns.find("Ticket-7: x"));
  EXPECT_EQ(std::nullopt, patterns.find("hello"));
  EXPECT_EQ(std::nullopt, patterns.find(std::nullopt));
}

}  // namespace
}  // namespace postern
