// TextPattern: a condition on one word (a host, a login, an address): exact, with wildcards, or a
// regular expression by RE2, which is linear in the text. Letters' case does not matter.
//
// Written as text it says by itself what it is: /…/ and what holds a character that no host, login
// or address has is a regular expression; a * or ? makes a wildcard; anything else is exact. The
// object {"op": "equals"|"wildcard"|"regex", "value": "…"} says it openly.
#pragma once

#include "core/json_fields.hpp"

#include <boost/json/value.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace postern {

class TextPattern {
 public:
  enum class Kind { equals, wildcard, regex };
  static constexpr std::size_t bytes_max = 500;
  static constexpr int regex_memory_max = 256 * 1024;  // of the compiled expression

  /// Reads the field `name`, a string or the object; nothing when it is absent, null or wrong.
  static std::optional<TextPattern> read(JsonFields& fields, std::string_view name);

  bool matches(std::string_view text) const;
  /// As it was given.
  const boost::json::value& json() const { return json_; }
  Kind kind() const { return kind_; }

 private:
  Kind kind_ = Kind::equals;
  std::string value_;
  boost::json::value json_;
  // A regular expression is never changed once it is made, and shared by the copies of its rule.
  std::shared_ptr<const re2::RE2> regex_;
};

/// `pattern` with * (any run, also empty) and ? (one character); case aside. No backtracking over
/// more than the last star.
bool wildcard_matches(std::string_view pattern, std::string_view text);

}  // namespace postern
