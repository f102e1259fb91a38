#include "core/rule_condition.hpp"

#include "core/rule_values.hpp"
#include "core/rule_words.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern {
namespace {

constexpr std::size_t shown_bytes_max = 80;

std::string shown(std::string_view text) {
  std::string cut(cut_utf8(text, shown_bytes_max));
  std::ranges::replace_if(
      cut, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return cut.size() < text.size() ? cut + "…" : cut;
}

bool compares(RuleOp op, std::int64_t left, std::int64_t right) {
  switch (op) {
    case RuleOp::gt:
      return left > right;
    case RuleOp::lt:
      return left < right;
    case RuleOp::contains:
    case RuleOp::equals:
    case RuleOp::wildcard:
    case RuleOp::regex:
      break;
  }
  return left == right;
}

bool time_test(RuleOp op, const RuleTime& time, Instant at) {
  auto since = at.time_since_epoch();
  auto value = time.value;
  if (time.of_day) {
    since = time_of_day_in(time.time_zone, at);
    if (op == RuleOp::equals) since = std::chrono::floor<std::chrono::minutes>(since);
  } else if (op == RuleOp::equals) {
    since = std::chrono::floor<std::chrono::seconds>(since);
    value = std::chrono::floor<std::chrono::seconds>(value);
  }
  return compares(op, since.count(), value.count());
}

/// When the mail came, as the clock that the test asks about showed it.
std::string when(const std::string& time_zone, Instant at) {
  Schedule zone;
  zone.time_zone = time_zone;
  return fmt::format(" ({})", wall_clock(zone, at));
}

/// What the mail has there, for a test that did not match.
std::string found_text(RuleField field, std::string_view header, const MailFacts& facts) {
  if (field == RuleField::size) return fmt::format(" ({} bytes)", facts.size_bytes);
  if (field == RuleField::time) return fmt::format(" ({})", to_rfc3339(facts.received_at));
  if (field == RuleField::body) return "";
  const auto values = rule_values(field, header, facts);
  if (values.empty()) return " (there is none)";
  return fmt::format(" (\"{}\")", shown(values.front()));
}

}  // namespace

bool RuleCondition::test(const Node& node, const MailFacts& facts) {
  if (const auto* time = std::get_if<RuleTime>(&node.operand)) {
    return time_test(node.op, *time, facts.received_at);
  }
  if (const auto* schedule = std::get_if<Schedule>(&node.operand)) {
    return covers(*schedule, facts.received_at);
  }
  if (const auto* number = std::get_if<std::uint64_t>(&node.operand)) {
    return compares(node.op, static_cast<std::int64_t>(facts.size_bytes),
                    static_cast<std::int64_t>(*number));
  }
  const auto* pattern = std::get_if<RulePattern>(&node.operand);
  if (pattern == nullptr) return true;
  const auto matches = [&](std::string_view text) { return pattern->matches(text); };
  // The two that may be long are not copied.
  if (node.field == RuleField::body && facts.mail.text) return matches(*facts.mail.text);
  if (node.field == RuleField::subject) {
    return matches(facts.mail.subject ? std::string_view(*facts.mail.subject) : std::string_view());
  }
  return std::ranges::any_of(rule_values(node.field, node.header, facts), matches);
}

std::string RuleCondition::reason_of(const Node& node, bool answer, const MailFacts& facts) {
  const auto field = node.field == RuleField::header ? "header " + node.header
                                                     : std::string(words::of(node.field));
  auto text = fmt::format("{} {} \"{}\"", field, words::said(node.op, answer), shown(node.value));
  if (answer) return text;
  const auto* time = std::get_if<RuleTime>(&node.operand);
  const auto* schedule = std::get_if<Schedule>(&node.operand);
  if (time != nullptr && time->of_day) return text + when(time->time_zone, facts.received_at);
  if (schedule != nullptr) return text + when(schedule->time_zone, facts.received_at);
  return text + found_text(node.field, node.header, facts);
}

bool RuleCondition::asks_for(RuleField field) const {
  return std::ranges::any_of(
      nodes_, [&](const Node& node) { return node.kind == Kind::test && node.field == field; });
}

// A walk forward over the list. `at` is the node to look at next; once one has its answer, its
// parents get theirs as far as they are decided by it, and what they need no more is passed over.
RuleCondition::Answer RuleCondition::ask(const MailFacts& facts) const {
  if (nodes_.empty()) return {true, "every mail"};
  std::vector<std::size_t> decisive;             // tests whose answers count, so far
  std::vector<std::size_t> mark(nodes_.size());  // how many there were when a node was begun
  std::vector<std::uint8_t> answers(nodes_.size());
  std::size_t at = 0;
  for (;;) {
    mark[at] = decisive.size();
    if (nodes_[at].kind != Kind::test) {
      ++at;  // its first child
      continue;
    }
    bool answer = test(nodes_[at], facts);
    answers[at] = answer ? 1 : 0;
    decisive.push_back(at);
    while (at != 0) {
      const auto& parent = nodes_[nodes_[at].parent];
      if (parent.kind == Kind::negation) {
        answer = !answer;
      } else {
        const bool decided = answer == (parent.kind == Kind::any);
        if (!decided && nodes_[at].end < parent.end) break;
        // Of a decided one only this child counts.
        if (decided) {
          decisive.erase(decisive.begin() + static_cast<std::ptrdiff_t>(mark[nodes_[at].parent]),
                         decisive.begin() + static_cast<std::ptrdiff_t>(mark[at]));
        }
      }
      at = nodes_[at].parent;
    }
    if (at == 0) {
      Answer result;
      result.matched = answer;
      for (const auto each : decisive) {
        if (result.reason.size() > rule_reason_bytes_max) break;
        if (!result.reason.empty()) result.reason += "; ";
        result.reason += reason_of(nodes_[each], answers[each] != 0, facts);
      }
      result.reason = cut_utf8(result.reason, rule_reason_bytes_max);
      return result;
    }
    at = nodes_[at].end;  // its next sibling
  }
}

}  // namespace postern
