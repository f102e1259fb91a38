// Reads a condition out of JSON, into the flat list that rule_condition.hpp tells of.
#include "core/rule_condition.hpp"
#include "core/rule_words.hpp"
#include "core/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::int64_t size_max = std::int64_t(1) << 50;

bool is_order(RuleOp op) {
  return op == RuleOp::gt || op == RuleOp::lt;
}

/// "18:30", "18:30 Europe/Berlin", a date, or a date and time.
std::optional<RuleTime> read_time(const std::string& text) {
  const auto two_digits = [&](std::size_t at) {
    int number = -1;
    const auto read = std::from_chars(text.data() + at, text.data() + at + 2, number);
    return read.ptr == text.data() + at + 2 ? number : -1;
  };
  if (text.size() >= 5 && text[2] == ':') {
    RuleTime time;
    time.of_day = true;
    if (text.size() > 5) time.time_zone = text.substr(6);
    if (text.size() > 5 && (text[5] != ' ' || !known_time_zone(time.time_zone)))
      return std::nullopt;
    const int hour = two_digits(0), minute = two_digits(3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
    time.value = std::chrono::hours(hour) + std::chrono::minutes(minute);
    return time;
  }
  const auto at = parse_rfc3339(valid_date(text) ? text + "T00:00:00Z" : text);
  if (!at) return std::nullopt;
  RuleTime time;
  time.value = at->time_since_epoch();
  return time;
}

/// Numbers as they are, texts as they stand; "1048576" and 1048576 are the same size.
std::optional<std::string> text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return std::string(value.get_bool() ? "true" : "false");
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  return std::nullopt;
}

}  // namespace

class RuleConditionReader {
 public:
  RuleConditionReader(std::string pointer, FieldProblems& problems)
      : root_(std::move(pointer)), problems_(problems) {}

  std::optional<RuleCondition> read(const json::value& value) {
    const auto before = problems_.size();
    waiting_.push_back({&value, root_, 0, 1});
    while (!waiting_.empty()) {
      const Waiting next = std::move(waiting_.back());
      waiting_.pop_back();
      if (out_.nodes_.size() == rule_nodes_max) {
        problem(root_, fmt::format("has more than {} parts; make two rules of it", rule_nodes_max));
        break;
      }
      take(next);
    }
    if (problems_.size() != before) return std::nullopt;
    close();
    return std::move(out_);
  }

 private:
  using Kind = RuleCondition::Kind;
  using Node = RuleCondition::Node;

  struct Waiting {
    const json::value* value;
    std::string pointer;
    std::size_t parent;
    int depth;
  };

  void problem(std::string pointer, std::string detail) {
    problems_.push_back({std::move(pointer), std::move(detail)});
  }

  void take(const Waiting& next) {
    const auto* object = next.value->if_object();
    if (object == nullptr) {
      return problem(next.pointer, "must be an object: all, any, not, or field, op and value");
    }
    const std::size_t index = out_.nodes_.size();
    out_.nodes_.emplace_back().parent = next.parent;
    const int trees = static_cast<int>(object->contains("all")) +
                      static_cast<int>(object->contains("any")) +
                      static_cast<int>(object->contains("not"));
    if (trees > 1) return problem(next.pointer, "has more than one of all, any and not");
    if (trees == 0) return take_test(*object, next, index);
    if (next.depth > rule_depth_max) {
      return problem(next.pointer,
                     fmt::format("lies deeper than {} levels; make it flatter", rule_depth_max));
    }
    JsonFields fields(*object, next.pointer, problems_);
    take_tree(fields, next, index);
    fields.finish();
  }

  void take_tree(JsonFields& fields, const Waiting& next, std::size_t index) {
    if (const auto* inner = fields.any("not")) {
      out_.nodes_[index].kind = Kind::negation;
      waiting_.push_back({inner, fields.pointer("not"), index, next.depth + 1});
      return;
    }
    const bool all = fields.has("all");
    const auto* items = fields.array(all ? "all" : "any");
    out_.nodes_[index].kind = all ? Kind::all : Kind::any;
    const auto pointer = fields.pointer(all ? "all" : "any");
    if (items == nullptr || items->empty()) {
      if (items != nullptr || fields.any(all ? "all" : "any")->is_null()) {
        problem(pointer, "must hold at least one condition");
      }
      return;
    }
    if (items->size() > rule_nodes_max) {
      return problem(pointer, fmt::format("holds more than {} conditions", rule_nodes_max));
    }
    // The last is taken first from the back, so that the first comes first into the list.
    for (std::size_t i = items->size(); i-- > 0;) {
      waiting_.push_back({&items->at(i), fmt::format("{}/{}", pointer, i), index, next.depth + 1});
    }
  }

  void take_test(const json::object& object, const Waiting& next, std::size_t index) {
    JsonFields fields(object, next.pointer, problems_);
    Node& node = out_.nodes_[index];
    const bool known = read_field(fields, node);
    const bool has_op = fields.choice("op", node.op, words::rule_op);
    if (!has_op && !fields.has("op")) fields.problem("op", "is required");
    const auto* value = fields.any("value");
    const auto text = value == nullptr ? std::nullopt : text_of(*value);
    const bool scheduled = known && node.field == RuleField::time && value != nullptr;
    if (scheduled && value->is_object()) {
      read_times(fields, value->get_object(), node);
    } else if (!text) {
      fields.problem("value", "must be a text or a number");
    } else if (text->size() > RulePattern::bytes_max) {
      fields.problem("value", fmt::format("must have at most {} bytes", RulePattern::bytes_max));
    } else if (text->empty() && node.op != RuleOp::equals) {
      fields.problem("value", "must not be empty: every mail would match");
    } else if (known && has_op) {
      node.value = *text;
      read_operand(fields, node);
    }
    fields.finish();
  }

  static bool read_field(JsonFields& fields, Node& node) {
    const auto* value = fields.any("field");
    const auto* text = value == nullptr ? nullptr : value->if_string();
    if (text != nullptr && std::string_view(*text).starts_with(words::header_prefix)) {
      node.field = RuleField::header;
      node.header = std::string(std::string_view(*text).substr(words::header_prefix.size()));
      if (valid_token(node.header)) return true;
      fields.problem("field", "must be header: and the name of a header field");
      return false;
    }
    if (value == nullptr || value->is_null()) {
      fields.problem("field", "is required: a test has field, op and value");
      return false;
    }
    return fields.choice("field", node.field, words::rule_field);
  }

  static void read_operand(JsonFields& fields, Node& node) {
    if (node.field == RuleField::time) {
      const auto time = read_time(node.value);
      if (!time) {
        fields.problem(
            "value",
            "must be a time of the day (\"18:30\" in UTC, \"18:30 Europe/Berlin\"), a date, "
            "a date-time, or an object with time_of_day, days and time_zone");
      } else if (!is_order(node.op) && node.op != RuleOp::equals) {
        fields.problem("op", "of a time must be gt, lt or equals");
      } else {
        node.operand = *time;
      }
      return;
    }
    if (node.field == RuleField::size) return read_size(fields, node);
    if (is_order(node.op)) return fields.problem("op", "gt and lt are for size and time");
    if (node.field == RuleField::thread) node.value = thread_word(node.value);
    std::string why;
    auto pattern = RulePattern::make(kind_of(node.op), node.value, why);
    if (!pattern) return fields.problem("value", why);
    node.operand = std::move(*pattern);
  }

  static void read_times(JsonFields& fields, const json::object& object, Node& node) {
    const auto before = fields.problems().size();
    Schedule schedule;
    JsonFields inside(object, fields.pointer("value"), fields.problems());
    read_schedule(inside, schedule);
    inside.finish();
    if (fields.problems().size() != before) return;
    if (node.op != RuleOp::equals) {
      return fields.problem("op", "of hours and days must be equals: the mail came in them");
    }
    if (schedule.always()) {
      return fields.problem("value", "must hold time_of_day or days: every mail would match");
    }
    node.value = words_of(schedule);
    node.operand = std::move(schedule);
  }

  static void read_size(JsonFields& fields, Node& node) {
    if (!is_order(node.op) && node.op != RuleOp::equals) {
      return fields.problem("op", "of a size must be gt, lt or equals");
    }
    std::int64_t number = -1;
    const auto* end = node.value.data() + node.value.size();
    const auto read = std::from_chars(node.value.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < 0 || number > size_max) {
      return fields.problem("value", "must be a number of bytes");
    }
    node.operand = static_cast<std::uint64_t>(number);
  }

  static std::string thread_word(const std::string& value) {
    if (value == "true") return "known";
    if (value == "false") return "new";
    return value;
  }

  static RulePattern::Kind kind_of(RuleOp op) {
    switch (op) {
      case RuleOp::contains:
        return RulePattern::Kind::contains;
      case RuleOp::wildcard:
        return RulePattern::Kind::wildcard;
      case RuleOp::regex:
        return RulePattern::Kind::regex;
      case RuleOp::equals:
      case RuleOp::gt:
      case RuleOp::lt:
        break;
    }
    return RulePattern::Kind::equals;
  }

  /// Each node's end, from the last to the first: a parent ends where its last child does.
  void close() {
    auto& nodes = out_.nodes_;
    for (std::size_t i = nodes.size(); i-- > 0;) {
      nodes[i].end = std::max(nodes[i].end, i + 1);
      if (i != 0) nodes[nodes[i].parent].end = std::max(nodes[nodes[i].parent].end, nodes[i].end);
    }
  }

  std::string root_;
  FieldProblems& problems_;
  std::vector<Waiting> waiting_;
  RuleCondition out_;
};

std::optional<RuleCondition> RuleCondition::parse(const json::value& json,
                                                  const std::string& pointer,
                                                  FieldProblems& problems) {
  if (json.is_null()) return RuleCondition();
  return RuleConditionReader(pointer, problems).read(json);
}

}  // namespace postern
