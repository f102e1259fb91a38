// See json_fields.hpp. The sentences here are what a user reads beside the field.
#include "core/json_fields.hpp"

#include "core/suggest.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern {
namespace {

constexpr std::size_t problems_max = 100;
constexpr std::size_t quoted_bytes_max = 64;

/// A foreign word, short enough and harmless enough to stand in a sentence.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : cut_utf8(text, quoted_bytes_max)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  if (text.size() > quoted_bytes_max) out += "…";
  return out + '"';
}

std::string_view type_name(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return "a number";
    case boost::json::kind::string:
      return "a string";
    case boost::json::kind::array:
      return "an array";
    case boost::json::kind::object:
      return "an object";
  }
  return "something else";
}

bool same_word(std::string_view a, std::string_view b, bool any_case) {
  if (!any_case) return a == b;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string pointer_segment(std::string_view name) {
  std::string out = "/";
  for (const char c : cut_utf8(name, quoted_bytes_max)) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> check_text(std::string_view text, const TextRules& rules) {
  if (rules.required && text.empty()) return "must not be empty";
  if (text.size() > rules.bytes_max) {
    return fmt::format("is too long: {} bytes, at most {}", text.size(), rules.bytes_max);
  }
  if (!valid_utf8(text)) return "must be UTF-8";
  if (!rules.lines) {
    if (has_control(text)) return "must not hold line breaks or other control characters";
    return std::nullopt;
  }
  std::string rest(text);
  std::erase_if(rest, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
  if (has_control(rest)) return "must not hold control characters other than line breaks and tabs";
  return std::nullopt;
}

const boost::json::object* root_object(const boost::json::value& json, FieldProblems& problems) {
  if (const auto* object = json.if_object()) return object;
  problems.push_back({"", fmt::format("the body must be a JSON object, not {}", type_name(json))});
  return nullptr;
}

JsonFields::JsonFields(const boost::json::object& object, std::string pointer,
                       FieldProblems& problems)
    : object_(object), pointer_(std::move(pointer)), problems_(problems) {}

bool JsonFields::text(std::string_view name, std::string& out, TextRules rules) {
  const auto* value = any(name);
  if (value == nullptr) {
    if (rules.required) problem(name, "is required");
    return false;
  }
  const auto* string = value->if_string();
  if (string == nullptr) {
    wrong_type(name, "a string", *value);
    return false;
  }
  if (auto wrong = check_text(*string, rules)) {
    problem(name, std::move(*wrong));
    return false;
  }
  out.assign(string->data(), string->size());
  return true;
}

bool JsonFields::text(std::string_view name, std::optional<std::string>& out, TextRules rules) {
  if (!rules.required && take_null(name)) {
    out.reset();
    return true;
  }
  std::string read;
  if (!text(name, read, rules)) return false;
  out = std::move(read);
  return true;
}

bool JsonFields::texts(std::string_view name, std::vector<std::string>& out, TextRules each,
                       std::size_t items_max) {
  if (take_null(name)) {
    out.clear();
    return true;
  }
  const auto* items = array(name);
  if (items == nullptr) return false;
  if (items->size() > items_max) {
    problem(name, fmt::format("has too many items: {}, at most {}", items->size(), items_max));
    return false;
  }
  std::vector<std::string> read;
  const auto problems_before = problems_.size();
  for (std::size_t i = 0; i < items->size(); ++i) {
    const auto& item = (*items)[i];
    const auto where = fmt::format("{}/{}", pointer(name), i);
    if (!item.is_string()) {
      problems_.push_back({where, fmt::format("must be a string, not {}", type_name(item))});
    } else if (auto wrong = check_text(item.get_string(), each)) {
      problems_.push_back({where, std::move(*wrong)});
    } else {
      read.emplace_back(std::string_view(item.get_string()));
    }
  }
  if (problems_.size() != problems_before) return false;
  out = std::move(read);
  return true;
}

bool JsonFields::boolean(std::string_view name, bool& out) {
  const auto* value = any(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) {
    wrong_type(name, "true or false", *value);
    return false;
  }
  out = value->get_bool();
  return true;
}

const boost::json::object* JsonFields::object(std::string_view name) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_object()) wrong_type(name, "an object", *value);
  return value->if_object();
}

const boost::json::array* JsonFields::array(std::string_view name) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_array()) wrong_type(name, "an array", *value);
  return value->if_array();
}

const boost::json::value* JsonFields::any(std::string_view name) {
  if (std::ranges::find(known_, name) == known_.end()) known_.push_back(name);
  return object_.if_contains(name);
}

void JsonFields::ignore(std::initializer_list<std::string_view> names) {
  known_.insert(known_.end(), names);
}

void JsonFields::problem(std::string_view name, std::string detail) {
  if (problems_.size() >= problems_max) return;
  problems_.push_back({name.empty() ? pointer_ : pointer(name), std::move(detail)});
}

void JsonFields::finish() {
  for (const auto& [name, value] : object_) {
    if (std::ranges::find(known_, std::string_view(name)) != known_.end()) continue;
    problem(name, fmt::format("unknown field {}{}", quoted(name), did_you_mean(name, known_)));
  }
}

std::optional<std::int64_t> JsonFields::whole_number(std::string_view name, std::int64_t min,
                                                     std::int64_t max) {
  const auto* value = any(name);
  if (value == nullptr) return std::nullopt;
  const bool too_large = value->is_uint64();  // the parser makes uint64 of what int64 can't hold
  if (!value->is_int64() && !too_large) {
    wrong_type(name, "a whole number", *value);
    return std::nullopt;
  }
  // A value built in code may be a small uint64.
  const bool fits = !too_large || value->get_uint64() <= std::uint64_t(max < 0 ? 0 : max);
  const auto number = !fits       ? max
                      : too_large ? std::int64_t(value->get_uint64())
                                  : value->get_int64();
  if (!fits || number < min || number > max) {
    problem(name, fmt::format("must be from {} to {}", min, max));
    return std::nullopt;
  }
  return number;
}

std::optional<std::size_t> JsonFields::choice_index(std::string_view name,
                                                    std::span<const Choice<std::size_t>> words,
                                                    bool any_case) {
  const auto* value = any(name);
  if (value == nullptr) return std::nullopt;
  std::string offered;
  std::vector<std::string_view> known;
  for (const auto& choice : words) {
    if (value->is_string() && same_word(choice.word, value->get_string(), any_case)) {
      return choice.value;
    }
    if (choice.alias) continue;
    known.push_back(choice.word);
    offered += fmt::format("{}\"{}\"", offered.empty() ? "" : ", ", choice.word);
  }
  if (!value->is_string()) {
    wrong_type(name, "one of " + offered, *value);
    return std::nullopt;
  }
  const std::string_view given = value->get_string();
  problem(name, fmt::format("must be one of {}, not {}{}", offered, quoted(given),
                            did_you_mean(given, known)));
  return std::nullopt;
}

bool JsonFields::take_null(std::string_view name) {
  const auto* value = any(name);
  return value != nullptr && value->is_null();
}

void JsonFields::wrong_type(std::string_view name, std::string_view wanted,
                            const boost::json::value& value) {
  problem(name, fmt::format("must be {}, not {}", wanted, type_name(value)));
}

}  // namespace postern
