#include "smtp/reply.hpp"

#include "smtp/error.hpp"
#include "smtp/words.hpp"

#include <array>
#include <cctype>
#include <utility>

namespace postern::smtp {
namespace {

struct ReplyLine {
  int code;
  bool last;
  std::string_view text;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && (is_blank(line.back()) || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

/// ABNF: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
///       Reply-code = %x32-35 %x30-35 %x30-39 (the second digit is relaxed: 456 has been seen)
std::optional<ReplyLine> parse_line(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5') return std::nullopt;
  if (!is_digit(line[1]) || !is_digit(line[2])) return std::nullopt;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (line.size() == 3) return ReplyLine{code, true, {}};
  if (line[3] != '-' && !is_blank(line[3])) return std::nullopt;
  return ReplyLine{code, line[3] != '-', line.substr(4)};
}

/// Octets of the number of at most three digits at `at`, or 0.
std::size_t number_at(std::string_view text, std::size_t at) {
  std::size_t length = 0;
  while (length < 4 && at + length < text.size() && is_digit(text[at + length])) ++length;
  return length > 3 ? 0 : length;
}

/// The enhanced code at the front of `text`, or empty.
///
/// ABNF: status-code = class "." subject "." detail; class = "2"/"4"/"5"; 1*3digit each.
/// Source: RFC 3463 §2, RFC 2034 §4 (it stands before the text, with a blank behind it).
std::string_view enhanced_code_of(std::string_view text) {
  if (text.size() < 5 || text[1] != '.') return {};
  if (text[0] != '2' && text[0] != '4' && text[0] != '5') return {};
  const std::size_t subject = number_at(text, 2);
  const std::size_t dot = 2 + subject;
  if (subject == 0 || dot >= text.size() || text[dot] != '.') return {};
  const std::size_t detail = number_at(text, dot + 1);
  const std::size_t end = dot + 1 + detail;
  if (detail == 0 || (end < text.size() && !is_blank(text[end]))) return {};
  return text.substr(0, end);
}

std::string_view without_blanks_in_front(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

/// Adds one line to the reply and takes the enhanced code off it.
void add_line(Reply& reply, std::string_view text) {
  text = without_blanks_in_front(text);
  const std::string_view enhanced = enhanced_code_of(text);
  if (!enhanced.empty() && reply.enhanced_code.empty()) reply.enhanced_code = enhanced;
  if (!enhanced.empty() && reply.enhanced_code == enhanced) text.remove_prefix(enhanced.size());
  reply.lines.emplace_back(without_blanks_in_front(text));
}

/// Octets of the complete reply at the front of `input`, or 0 while it is incomplete.
Result<std::size_t> measure(std::string_view input, std::size_t limit_bytes) {
  int code = 0;
  for (std::size_t start = 0;;) {
    const std::size_t newline = input.find('\n', start);
    const std::size_t seen = newline == std::string_view::npos ? input.size() : newline + 1;
    if (seen > limit_bytes) {
      return Error{errc::reply_too_long, "over " + std::to_string(limit_bytes) + " octets"};
    }
    if (newline == std::string_view::npos) return std::size_t{0};
    const std::string_view text = without_line_end(input.substr(start, newline - start));
    const auto line = parse_line(text);
    if (!line) return Error{errc::malformed_reply, shown(text)};
    if (code != 0 && line->code != code) {
      return Error{errc::malformed_reply, "two codes in one reply: " + shown(text)};
    }
    if (line->last) return newline + 1;
    code = line->code;
    start = newline + 1;
  }
}

}  // namespace

std::string Reply::text() const {
  std::string joined;
  for (const auto& line : lines) {
    if (!joined.empty() && !line.empty()) joined += ' ';
    joined += line;
    if (joined.size() > words_bytes_max) break;
  }
  return shown(joined);
}

std::string Reply::words() const {
  std::string words = std::to_string(code);
  if (!enhanced_code.empty()) words += ' ' + enhanced_code;
  const std::string said = text();
  return said.empty() ? words : words + ' ' + said;
}

Result<std::optional<Reply>> take_reply(std::string_view& input, std::size_t limit_bytes) {
  POSTERN_TRY(const std::size_t length, measure(input, limit_bytes));
  if (length == 0) return std::optional<Reply>();
  Reply reply;
  for (std::size_t start = 0; start < length;) {
    const std::size_t newline = input.find('\n', start);
    const auto line = parse_line(without_line_end(input.substr(start, newline - start)));
    POSTERN_ASSERT(line.has_value());  // measure() has parsed it
    reply.code = line->code;
    add_line(reply, line->text);
    start = newline + 1;
  }
  input.remove_prefix(length);
  return std::optional<Reply>(std::move(reply));
}

std::string_view foreign_protocol(std::string_view greeting) {
  struct Sign {
    std::string_view start, name;
  };
  static constexpr std::array<Sign, 9> signs{{
      {"* ", "an IMAP server"},
      {"+OK", "a POP3 server"},
      {"-ERR", "a POP3 server"},
      {"HTTP/", "an HTTP server"},
      {"<", "an HTTP server"},
      {"\x15\x03", "a TLS record: the port speaks TLS from the first byte"},
      {"\x16\x03", "a TLS record: the port speaks TLS from the first byte"},
      {"SSH-", "an SSH server"},
      {"\"IMPLEMENTATION\"", "a ManageSieve server"},
  }};
  for (const auto& sign : signs) {
    if (greeting.starts_with(sign.start)) return sign.name;
  }
  return {};
}

}  // namespace postern::smtp
