// Properties of condition trees, over trees of chance: De Morgan, double negation, order, and that
// the flat walk answers as a plain recursive reading of the same JSON does.
#include "core/rule_condition.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <random>

namespace postern {
namespace {

namespace json = boost::json;

constexpr int trees = 1500;

/// Six tests of which a mail's subject, a run of the letters a to f, decides.
json::object leaf(std::mt19937_64& chance) {
  const std::string letter(1, static_cast<char>('a' + chance() % 6));
  return {{"field", "subject"}, {"op", "contains"}, {"value", letter}};
}

json::object negated(json::value inner) {
  json::object out;
  out["not"] = std::move(inner);
  return out;
}

json::object joined(std::string_view how, json::array items) {
  json::object out;
  out[how] = std::move(items);
  return out;
}

json::object tree(std::mt19937_64& chance, int depth) {
  const auto kind = depth == 0 ? 3 : chance() % 4;
  if (kind == 3) return leaf(chance);
  if (kind == 2) return negated(tree(chance, depth - 1));
  json::array items;
  const auto count = 1 + chance() % 3;
  for (std::size_t i = 0; i < count; ++i) items.push_back(tree(chance, depth - 1));
  return joined(kind == 0 ? "all" : "any", std::move(items));
}

/// The meaning of a tree, as one would write it down.
bool meaning(const json::object& node, const std::string& subject) {
  if (const auto* inner = node.if_contains("not")) return !meaning(inner->as_object(), subject);
  const auto holds = [&](const json::value& each) { return meaning(each.as_object(), subject); };
  if (const auto* items = node.if_contains("all")) {
    return std::ranges::all_of(items->as_array(), holds);
  }
  if (const auto* items = node.if_contains("any")) {
    return std::ranges::any_of(items->as_array(), holds);
  }
  return subject.find(std::string(node.at("value").as_string())) != std::string::npos;
}

bool asked(const json::value& condition, const std::string& subject) {
  FieldProblems problems;
  const auto parsed = RuleCondition::parse(condition, "", problems);
  EXPECT_TRUE(parsed) << json::serialize(condition);
  if (!parsed) return false;
  MessageSummary mail;
  mail.subject = subject;
  const auto answer = parsed->ask(MailFacts{.mail = mail});
  EXPECT_FALSE(answer.reason.empty());
  EXPECT_LE(answer.reason.size(), rule_reason_bytes_max);
  return answer.matched;
}

std::string subject(std::mt19937_64& chance) {
  std::string out;
  for (char c = 'a'; c < 'g'; ++c) {
    if (chance() % 2 == 0) out.push_back(c);
  }
  return out;
}

TEST(RuleProperties, The_walk_answers_as_the_tree_means) {
  std::mt19937_64 chance(1);
  for (int i = 0; i < trees; ++i) {
    const auto condition = tree(chance, 4);
    const auto text = subject(chance);

    EXPECT_EQ(meaning(condition, text), asked(condition, text))
        << json::serialize(condition) << " of " << text;
  }
}

TEST(RuleProperties, De_Morgan_and_double_negation_hold) {
  std::mt19937_64 chance(2);
  for (int i = 0; i < trees; ++i) {
    const auto one = tree(chance, 3), two = tree(chance, 3);
    const auto text = subject(chance);

    const bool not_both = asked(negated(joined("all", {one, two})), text);
    const bool either_not = asked(joined("any", {negated(one), negated(two)}), text);
    const bool not_either = asked(negated(joined("any", {one, two})), text);
    const bool both_not = asked(joined("all", {negated(one), negated(two)}), text);

    EXPECT_EQ(not_both, either_not) << i;
    EXPECT_EQ(not_either, both_not) << i;
    EXPECT_EQ(asked(one, text), asked(negated(negated(one)), text)) << i;
  }
}

TEST(RuleProperties, The_order_of_conditions_changes_no_answer) {
  std::mt19937_64 chance(3);
  for (int i = 0; i < trees; ++i) {
    json::array items;
    for (int n = 0; n < 4; ++n) items.push_back(tree(chance, 2));
    json::array turned(items.rbegin(), items.rend());
    const auto text = subject(chance);

    for (const std::string_view how : {"all", "any"}) {
      EXPECT_EQ(asked(joined(how, items), text), asked(joined(how, turned), text)) << i;
    }
  }
}

}  // namespace
}  // namespace postern
