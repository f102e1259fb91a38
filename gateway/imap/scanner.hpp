// The tokens of IMAP's grammar, taken one after the other off a WholeResponse's text.
//
// A Scanner is a view and a position: no allocation but where a quoted string has escapes. It
// trusts the Framer: where "{n}" CRLF stands, n bytes follow or the text is refused.
// RFC 9051 §9 (formal syntax), forgiving as RFC 3501's servers need it.
#pragma once

#include "imap/errc.hpp"
#include "imap/number_set.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::imap {

/// A string as it stood in the text.
struct StringToken {
  enum class Kind { nil, quoted, literal, streamed };
  Kind kind = Kind::nil;
  std::string_view raw;          // quoted: between the quotes, escapes in place; literal: the bytes
  std::uint64_t size_bytes = 0;  // literal, streamed: as announced
  /// The string's value; empty for nil and streamed.
  std::string value() const;
};

class Scanner {
 public:
  static constexpr int nesting_max = 64;

  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }

  /// Takes `c` if it is next.
  bool take(char c);
  /// Takes any number of spaces; servers put two where the grammar has one.
  void skip_spaces();
  /// Like take(), but its lack is an error. Errors: malformed.
  Result<void> expect(char c);

  /// atom = 1*ATOM-CHAR; here everything up to a space, "(", ")", "{", "[", "]" or a quote, so
  /// that it also takes flags (flag = "\" atom) and tags. Empty if nothing of the kind is next.
  std::string_view atom();

  /// astring without its quotes: atoms may hold "[" and "]".
  /// astring = 1*ASTRING-CHAR / string. Errors: malformed.
  Result<std::string> astring();

  /// nstring = string / nil; string = quoted / literal; literal8 is taken too. Errors: malformed.
  Result<StringToken> nstring();

  /// number = 1*DIGIT, below 2^32. Errors: malformed.
  Result<std::uint32_t> number();
  /// nz-number. Errors: malformed.
  Result<std::uint32_t> nz_number();
  /// number64 = 1*DIGIT, below 2^63. Errors: malformed.
  Result<std::uint64_t> number64();

  /// sequence-set = (seq-number / seq-range) ["," sequence-set]; "*" is refused, because a server
  /// has no use for it. Errors: malformed, set_too_large.
  Result<NumberSet> number_set();

  /// Takes one value of any kind, a list as a whole: what we did not ask for is not understood,
  /// only skipped. Errors: malformed, nesting_too_deep (over nesting_max).
  Result<void> skip_value();

  /// malformed, telling what was expected and what came.
  Error expected(std::string_view what) const;

 private:
  Result<StringToken> quoted();
  Result<StringToken> literal();

  std::string_view rest_;
};

}  // namespace postern::imap
