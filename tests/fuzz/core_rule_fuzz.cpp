// Any JSON as a routing rule and as an event rule: what is taken goes to JSON and back to the same,
// its condition has one answer about a mail with a reason within its limit, and NOT turns it over.
#include "core/event_rule.hpp"
#include "core/result.hpp"
#include "core/rule.hpp"
#include "core/rule_condition.hpp"
#include "core/text_pattern.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace postern;
namespace json = boost::json;

constexpr std::size_t input_bytes_max = 16 * 1024;

void check_condition(const json::value& condition, std::string_view words) {
  FieldProblems problems;
  const auto compiled = RuleCondition::parse(condition, "/condition", problems);
  POSTERN_ASSERT(compiled.has_value() == problems.empty());
  if (!compiled) return;
  MessageSummary mail;
  mail.subject = std::string(words);
  mail.text = "hello " + std::string(words);
  MailFacts facts{mail, words.size(), Instant(), {}, "Support", "support@example.com"};
  const auto answer = compiled->ask(facts);
  POSTERN_ASSERT(answer.reason.size() <= rule_reason_bytes_max);
  POSTERN_ASSERT(compiled->ask(facts).matched == answer.matched);
  if (condition.is_null()) {
    POSTERN_ASSERT(answer.matched);
    return;
  }
  json::object turned;
  turned["not"] = condition;
  FieldProblems deeper;
  const auto negation = RuleCondition::parse(turned, "", deeper);
  if (!negation) return;  // too deep, or a node too many
  POSTERN_ASSERT(negation->ask(facts).matched != answer.matched);
}

void check_rule(const json::value& value, std::string_view words) {
  auto parsed = parse_rule(value);
  if (const auto* problems = std::get_if<FieldProblems>(&parsed)) {
    POSTERN_ASSERT(!problems->empty());
    for (const auto& problem : *problems) POSTERN_ASSERT(!problem.detail.empty());
    return;
  }
  const auto& rule = std::get<Rule>(parsed);
  POSTERN_ASSERT(!rule.name.empty() && rule.name.size() <= rule_name_bytes_max);
  POSTERN_ASSERT(rule.actions.tags.size() <= rule_tags_max);
  const auto written = to_json(rule);
  auto again = parse_rule(written);
  POSTERN_ASSERT(std::holds_alternative<Rule>(again));
  POSTERN_ASSERT(json::serialize(to_json(std::get<Rule>(again))) == json::serialize(written));
  check_condition(rule.condition, words);
}

/// Wildcards against a plain two-pointer reading of them.
void check_wildcard(std::string_view pattern, std::string_view text) {
  const bool matched = wildcard_matches(pattern, text);
  if (pattern.find_first_of("*?") == std::string_view::npos) {
    POSTERN_ASSERT(!matched || pattern.size() == text.size());
  }
  POSTERN_ASSERT(wildcard_matches("*", text));
  if (matched) POSTERN_ASSERT(wildcard_matches(std::string(pattern) + "*", text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > input_bytes_max) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const auto words = input.substr(0, input.find('\n'));
  const auto rest = input.substr(std::min(words.size() + 1, input.size()));
  if (words.size() < 200) check_wildcard(words, rest.substr(0, 200));
  boost::system::error_code ec;
  json::parse_options options;
  options.max_depth = 32;  // the server's
  const auto value = json::parse(rest, ec, {}, options);
  if (ec) return 0;
  check_rule(value, words);
  check_condition(value, words);
  auto event_rule = parse_event_rule(value);
  if (const auto* problems = std::get_if<FieldProblems>(&event_rule)) {
    POSTERN_ASSERT(!problems->empty());
  }
  return 0;
}
