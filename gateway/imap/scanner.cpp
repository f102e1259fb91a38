#include "imap/scanner.hpp"

#include "imap/letters.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace postern::imap {
namespace {

constexpr std::size_t quote_bytes_max = 40;  // of what came, in an error's detail

}  // namespace

std::string StringToken::value() const {
  if (kind != Kind::quoted || raw.find('\\') == std::string_view::npos) return std::string(raw);
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size()) ++i;
    text += raw[i];
  }
  return text;
}

Error Scanner::expected(std::string_view what) const {
  std::string detail = "expected ";
  detail.append(what).append(at_end() ? ", found the end" : ", found: ");
  detail.append(rest_.substr(0, quote_bytes_max));
  return failure(errc::malformed, detail);
}

bool Scanner::take(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

void Scanner::skip_spaces() {
  while (take(' ')) {
  }
}

Result<void> Scanner::expect(char c) {
  if (!take(c)) return expected(std::string("'") + c + "'");
  return success();
}

std::string_view Scanner::atom() {
  const auto end = std::min(rest_.find_first_of(" (){[]\"\r\n"), rest_.size());
  const auto word = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return word;
}

Result<std::string> Scanner::astring() {
  if (peek() == '"' || peek() == '{') {
    POSTERN_TRY(const auto token, nstring());
    if (token.kind == StringToken::Kind::streamed) return expected("a string");
    return token.value();
  }
  const auto end = std::min(rest_.find_first_of(" (){\"\r\n"), rest_.size());
  if (end == 0) return expected("a string");
  std::string word(rest_.substr(0, end));
  rest_.remove_prefix(end);
  return word;
}

Result<StringToken> Scanner::nstring() {
  if (peek() == '"') return quoted();
  if (rest_.starts_with("~{")) rest_.remove_prefix(1);
  if (peek() == '{') return literal();
  const auto before = rest_;
  if (is_word(atom(), "NIL")) return StringToken{};
  rest_ = before;
  return expected("a string or NIL");
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE; QUOTED-CHAR = TEXT-CHAR except quoted-specials / "\" …
// Any byte may be escaped, not only quoted-specials: servers do.
Result<StringToken> Scanner::quoted() {
  std::size_t at = 1;
  for (;;) {
    at = rest_.find_first_of("\"\\\r\n", at);
    if (at == std::string_view::npos || rest_[at] == '\r' || rest_[at] == '\n') {
      return expected("the end of a quoted string");
    }
    if (rest_[at] == '"') break;
    at += 2;
  }
  StringToken token{StringToken::Kind::quoted, rest_.substr(1, at - 1), 0};
  token.size_bytes = token.raw.size();
  rest_.remove_prefix(at + 1);
  return token;
}

// literal = "{" number64 "}" CRLF *CHAR8, or the Framer's mark of a streamed one.
Result<StringToken> Scanner::literal() {
  take('{');
  POSTERN_TRY(const auto size, number64());
  POSTERN_TRY(expect('}'));
  if (take('\0')) return StringToken{StringToken::Kind::streamed, {}, size};
  if (!rest_.starts_with("\r\n") || rest_.size() - 2 < size) return expected("a literal");
  const StringToken token{StringToken::Kind::literal,
                          rest_.substr(2, static_cast<std::size_t>(size)), size};
  rest_.remove_prefix(2 + static_cast<std::size_t>(size));
  return token;
}

Result<std::uint64_t> Scanner::number64() {
  constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
    const auto digit = static_cast<std::uint64_t>(rest_[digits] - '0');
    if (value > (max - digit) / 10) return expected("a number below 2^63");
    value = value * 10 + digit;
  }
  if (digits == 0) return expected("a number");
  rest_.remove_prefix(digits);
  return value;
}

Result<std::uint32_t> Scanner::number() {
  const auto before = rest_;
  POSTERN_TRY(const auto value, number64());
  if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
  rest_ = before;
  return expected("a number below 2^32");
}

Result<std::uint32_t> Scanner::nz_number() {
  const auto before = rest_;
  POSTERN_TRY(const auto value, number());
  if (value != 0) return value;
  rest_ = before;
  return expected("a number above 0");
}

Result<NumberSet> Scanner::number_set() {
  NumberSet set;
  do {
    POSTERN_TRY(auto first, nz_number());
    auto last = first;
    if (take(':')) {
      POSTERN_TRY(last, nz_number());
      if (last < first) std::swap(first, last);  // seq-range: 4:2 is 2:4
    }
    POSTERN_TRY(set.add(first, last));
  } while (take(','));
  return set;
}

Result<void> Scanner::skip_value() {
  int depth = 0;
  do {
    if (peek() == '(') {
      if (++depth > nesting_max) {
        return failure(errc::nesting_too_deep, "more than 64 open parentheses");
      }
      take('(');
    } else if (depth > 0 && (peek() == ' ' || peek() == ')')) {
      if (take(')')) --depth;
      skip_spaces();
    } else if (peek() == '"' || peek() == '{' || rest_.starts_with("~{")) {
      POSTERN_TRY(const auto token, nstring());
      if (token.kind == StringToken::Kind::streamed) return expected("no body here");
    } else {
      const auto before = rest_.size();
      while (!atom().empty() || take('[') || take(']')) {
      }
      if (rest_.size() == before) return expected("a value");
    }
  } while (depth > 0);
  return success();
}

}  // namespace postern::imap
