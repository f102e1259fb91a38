// A rule's condition: an AND/OR/NOT tree over a mail's fields, compiled once and asked many times.
//
//   {"all": […]} | {"any": […]} | {"not": {…}} | {"field": …, "op": …, "value": …}
//
// The value of `time` may be an object as event rules have it: {time_of_day, days, time_zone}.
//
// The tree is kept flat, each node before its children, and is read and asked by walking that list:
// nothing here calls itself. What does not decide the answer is not looked at; what did is told.
#pragma once

#include "core/ids.hpp"
#include "core/mail.hpp"
#include "core/problems.hpp"
#include "core/rule_pattern.hpp"
#include "core/schedule.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern {

constexpr int rule_depth_max = 10;           // of trees inside each other
constexpr std::size_t rule_nodes_max = 200;  // of a condition
constexpr std::size_t rule_reason_bytes_max = 400;

/// What rules ask about a mail. References: must outlive the asking.
struct MailFacts {
  const MessageSummary& mail;
  std::uint64_t size_bytes = 0;
  Instant received_at;
  IntegrationId integration;
  std::string_view integration_name, integration_address;
};

enum class RuleField {
  from,
  to,
  cc,
  recipient,
  subject,
  body,
  header,
  attachment_name,
  attachment_type,
  size,
  mail_class,
  subaddress,
  integration,
  time,
  thread,
  reference
};
enum class RuleOp { contains, equals, wildcard, regex, gt, lt };

/// One time that `time` is compared with: an instant, or what the wall clock of a zone shows. Hours
/// and days that a mail must come in are a Schedule.
struct RuleTime {
  bool of_day = false;
  Duration value{0};  // since 1970, or since midnight
  std::string time_zone = "UTC";
};

class RuleCondition {
 public:
  /// Reads `json`, every mistake at once: each with its pointer below `pointer`. null: matches all.
  static std::optional<RuleCondition> parse(const boost::json::value& json,
                                            const std::string& pointer, FieldProblems& problems);

  struct Answer {
    bool matched = false;
    std::string reason;  // of what decided, at most rule_reason_bytes_max
  };
  Answer ask(const MailFacts& facts) const;
  bool asks_for(RuleField field) const;

 private:
  friend class RuleConditionReader;
  enum class Kind { all, any, negation, test };
  struct Node {
    Kind kind = Kind::test;
    std::size_t parent = 0;
    std::size_t end = 0;  // past its last descendant
    RuleField field = RuleField::subject;
    RuleOp op = RuleOp::contains;
    std::string header;  // of RuleField::header
    std::string value;   // as written, for the reason
    std::variant<std::monostate, RulePattern, std::uint64_t, RuleTime, Schedule> operand;
  };
  static bool test(const Node& node, const MailFacts& facts);
  static std::string reason_of(const Node& node, bool answer, const MailFacts& facts);

  std::vector<Node> nodes_;
};

}  // namespace postern
