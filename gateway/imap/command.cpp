#include "imap/command.hpp"

#include <algorithm>

namespace postern::imap {
namespace {

// ATOM-CHAR = any CHAR except "(" ")" "{" SP CTL list-wildcards quoted-specials resp-specials
bool is_atom(std::string_view text) {
  static constexpr std::string_view specials = "(){ %*\"\\]";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && specials.find(c) == std::string_view::npos;
  });
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE, for US-ASCII only: UTF-8 in it needs UTF8=ACCEPT.
bool is_quotable(std::string_view text) {
  return text.size() <= Command::quoted_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// literal = "{" number64 ["+"] "}" CRLF *CHAR8
void append_literal(std::vector<std::string>& parts, std::string_view text, Literals literals) {
  const bool waits =
      literals == Literals::synchronising ||
      (literals == Literals::minus && text.size() > Command::literal_minus_bytes_max);
  parts.back() += '{' + std::to_string(text.size()) + (waits ? "}\r\n" : "+}\r\n");
  if (waits) parts.emplace_back();
  parts.back() += text;
}

}  // namespace

Literals literals_of(const Capabilities& capabilities) {
  if (capabilities.has("LITERAL+")) return Literals::plus;
  if (capabilities.has("LITERAL-")) return Literals::minus;
  return Literals::synchronising;
}

Result<void> check_sendable(std::string_view text) {
  constexpr std::string_view forbidden("\r\n\0", 3);
  if (text.find_first_of(forbidden) != std::string_view::npos) {
    return failure(errc::bad_argument, "a line break or NUL in an argument");
  }
  return success();
}

Command::Command(std::string words) {
  add_words(words);
}

Result<void> Command::add_string(std::string_view text) {
  POSTERN_TRY(check_sendable(text));
  arguments_.push_back({std::string(text), true});
  return success();
}

void Command::add_words(std::string_view words) {
  POSTERN_ASSERT(check_sendable(words).has_value());
  arguments_.push_back({std::string(words), false});
}

std::vector<std::string> Command::render(std::string_view tag, Literals literals) const {
  std::vector<std::string> parts{std::string(tag)};
  for (const auto& argument : arguments_) {
    parts.back() += ' ';
    if (!argument.is_string || is_atom(argument.text)) {
      parts.back() += argument.text;
    } else if (is_quotable(argument.text)) {
      append_quoted(parts.back(), argument.text);
    } else {
      append_literal(parts, argument.text, literals);
    }
  }
  parts.back() += "\r\n";
  return parts;
}

}  // namespace postern::imap
