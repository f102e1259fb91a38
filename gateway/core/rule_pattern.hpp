// RulePattern: one text condition of a rule or of an ignore list: contained, equal, with wildcards,
// or a regular expression. All four are RE2 underneath, so that letters' case is folded for every
// script, time is linear in the text, and memory has a bound.
//
// Only in a regular expression does any character mean another one: `\` in the others is a `\`.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace postern {

class RulePattern {
 public:
  enum class Kind { contains, equals, wildcard, regex };
  static constexpr std::size_t bytes_max = 2000;
  static constexpr int regex_memory_max = 512 * 1024;  // of the compiled expression and its cache

  /// `value` as a pattern; letters' case does not matter ("(?-i)" at the front of a regular
  /// expression makes it). A wildcard pattern knows * (any run, also empty) and ? (one character).
  /// Nothing when the regular expression is none or takes too much memory; `why` then says so.
  static std::optional<RulePattern> make(Kind kind, const std::string& value, std::string& why);

  RulePattern(RulePattern&&) noexcept;
  RulePattern& operator=(RulePattern&&) noexcept;
  ~RulePattern();

  /// `text` is valid UTF-8.
  bool matches(std::string_view text) const;

  /// The first group's text of the first match, or the whole match when there is no group.
  std::optional<std::string> first_group(std::string_view text) const;

 private:
  RulePattern(Kind kind, std::unique_ptr<re2::RE2> regex);
  Kind kind_;
  std::unique_ptr<re2::RE2> regex_;
};

}  // namespace postern
