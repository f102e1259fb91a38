// JsonFields: reads the fields of one JSON object and collects everything wrong with them.
//
//   JsonFields fields(object, "/incoming", problems);
//   fields.text("host", host, {.bytes_max = 253, .required = true});
//   fields.integer("port", port, 1, 65535);
//   if (const auto* auth = fields.object("auth")) read_auth(JsonFields(*auth, "/incoming/auth",
//   …)); fields.finish();  // names the unknown fields
//
// A field that is absent leaves its variable as it was; a wrong one leaves it too, and adds a
// problem. Each reader returns whether it wrote. Types are strict: no "587" for 587, no 1 for true.
#pragma once

#include "core/problems.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// What a string may be. Control characters are refused unless `lines` allows tab, CR and LF.
struct TextRules {
  std::size_t bytes_max = 1000;
  bool required = false;  // absent, null or empty is a problem
  bool lines = false;
};

/// One word of an enumeration; an alias is understood but not offered in the problem's list.
template <class Value>
struct Choice {
  std::string_view word;
  Value value;
  bool alias = false;
};

/// `name` as one segment of a JSON pointer, with its slash. Source: RFC 6901 §3.
std::string pointer_segment(std::string_view name);

class JsonFields {
 public:
  /// `object` and `problems` outlive the reader; `pointer` is the object's own ("" for the root).
  JsonFields(const boost::json::object& object, std::string pointer, FieldProblems& problems);

  bool text(std::string_view name, std::string& out, TextRules rules = {});
  /// null and absence are alike: null writes nullopt.
  bool text(std::string_view name, std::optional<std::string>& out, TextRules rules = {});
  /// An array of strings; null is an empty array. The rules are each item's.
  bool texts(std::string_view name, std::vector<std::string>& out, TextRules each = {},
             std::size_t items_max = 1000);
  bool boolean(std::string_view name, bool& out);

  template <std::integral Number>
  bool integer(std::string_view name, Number& out, std::int64_t min, std::int64_t max) {
    const auto value = whole_number(name, min, max);
    if (value) out = static_cast<Number>(*value);
    return value.has_value();
  }
  /// null writes nullopt.
  template <std::integral Number>
  bool integer(std::string_view name, std::optional<Number>& out, std::int64_t min,
               std::int64_t max) {
    if (take_null(name)) {
      out.reset();
      return true;
    }
    const auto value = whole_number(name, min, max);
    if (value) out = static_cast<Number>(*value);
    return value.has_value();
  }

  /// A string that is one of the words, letters' case aside when `any_case`.
  template <class Out, class Value, std::size_t size>
  bool choice(std::string_view name, Out& out, const Choice<Value> (&choices)[size],
              bool any_case = false) {
    std::vector<Choice<std::size_t>> words;
    for (std::size_t i = 0; i < size; ++i) {
      words.push_back({choices[i].word, i, choices[i].alias});
    }
    const auto index = choice_index(name, words, any_case);
    if (index) out = choices[*index].value;
    return index.has_value();
  }

  /// The object under `name`; nullptr when absent, null or (a problem) something else.
  const boost::json::object* object(std::string_view name);
  /// The array under `name`; nullptr when absent, null or (a problem) something else.
  const boost::json::array* array(std::string_view name);
  /// The value under `name` whatever its type, for the caller to read; nullptr when absent.
  const boost::json::value* any(std::string_view name);

  bool has(std::string_view name) const { return object_.contains(name); }
  /// Fields known and not read: those GET shows and PUT may send back.
  void ignore(std::initializer_list<std::string_view> names);

  /// Adds a problem of the field `name` (of the object itself when empty).
  void problem(std::string_view name, std::string detail);
  std::string pointer(std::string_view name) const { return pointer_ + pointer_segment(name); }
  /// The collection, for a reader of an object inside this one.
  FieldProblems& problems() { return problems_; }

  /// Reports every field that no call has named. The last call.
  void finish();

 private:
  std::optional<std::int64_t> whole_number(std::string_view name, std::int64_t min,
                                           std::int64_t max);
  std::optional<std::size_t> choice_index(std::string_view name,
                                          std::span<const Choice<std::size_t>> words,
                                          bool any_case);
  bool take_null(std::string_view name);
  void wrong_type(std::string_view name, std::string_view wanted, const boost::json::value& value);

  const boost::json::object& object_;
  std::string pointer_;
  FieldProblems& problems_;
  std::vector<std::string_view> known_;
};

/// What is wrong with `text` under the rules, a sentence; nothing when it is well.
std::optional<std::string> check_text(std::string_view text, const TextRules& rules);

/// The object in `json`, or a problem at the root ("the body must be a JSON object").
const boost::json::object* root_object(const boost::json::value& json, FieldProblems& problems);

}  // namespace postern
