#include "imap/command.hpp"

#include "core/utf8.hpp"
#include "imap/letters.hpp"
#include "imap/mailbox_name.hpp"

#include <algorithm>

namespace postern::imap {
namespace {

// ATOM-CHAR = any CHAR except "(" ")" "{" SP CTL list-wildcards quoted-specials resp-specials
// An atom NIL would be no string.
bool is_atom(std::string_view text) {
  static constexpr std::string_view specials = "(){ %*\"\\]";
  return !text.empty() && !is_word(text, "NIL") &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > 0x20 && c < 0x7f && specials.find(c) == std::string_view::npos;
         });
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE, for US-ASCII only but with UTF8=ACCEPT (RFC 6855 §3).
bool is_quotable(std::string_view text, bool utf8) {
  return text.size() <= Command::quoted_bytes_max && (!utf8 || valid_utf8(text)) &&
         std::all_of(text.begin(), text.end(), [utf8](char c) {
           return (c >= 0x20 && c < 0x7f) || (utf8 && static_cast<unsigned char>(c) >= 0x80);
         });
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// literal = "{" number64 ["+"] "}" CRLF *CHAR8. Gives whether its bytes must wait for a "+".
bool announce_literal(std::vector<std::string>& parts, std::uint64_t size, Literals literals) {
  const bool waits = literals == Literals::synchronising ||
                     (literals == Literals::minus && size > Command::literal_minus_bytes_max);
  parts.back() += '{' + std::to_string(size) + (waits ? "}\r\n" : "+}\r\n");
  if (waits) parts.emplace_back();
  return waits;
}

void append_string(std::vector<std::string>& parts, std::string_view text, Dialect dialect) {
  if (is_atom(text)) {
    parts.back() += text;
  } else if (is_quotable(text, dialect.utf8)) {
    append_quoted(parts.back(), text);
  } else {
    announce_literal(parts, text.size(), dialect.literals);
    parts.back() += text;
  }
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

Command::Command(std::string_view words) {
  add_words(words);
}

Result<void> Command::add_string(std::string_view text) {
  POSTERN_TRY(check_sendable(text));
  arguments_.push_back({std::string(text), Kind::string});
  return success();
}

Result<void> Command::add_mailbox(std::string_view utf8) {
  POSTERN_TRY(encode_mailbox(utf8));
  arguments_.push_back({std::string(utf8), Kind::mailbox});
  return success();
}

void Command::end_with_body(std::uint64_t size_bytes, bool binary) {
  body_ = BodyAtEnd{size_bytes, binary};
}

void Command::add_words(std::string_view words) {
  POSTERN_ASSERT(check_sendable(words).has_value());
  arguments_.push_back({std::string(words), Kind::words});
}

std::vector<std::string> Command::render(std::string_view tag, Dialect dialect) const {
  std::vector<std::string> parts{std::string(tag)};
  for (const auto& argument : arguments_) {
    parts.back() += ' ';
    switch (argument.kind) {
      case Kind::words:
        parts.back() += argument.text;
        break;
      case Kind::string:
        append_string(parts, argument.text, dialect);
        break;
      case Kind::mailbox:
        append_string(parts, mailbox_on_wire(argument.text, dialect.utf8), dialect);
        break;
    }
  }
  if (!body_) {
    parts.back() += "\r\n";
    return parts;
  }
  const bool large = body_->size_bytes > body_unasked_bytes_max;
  parts.back() += body_->binary && dialect.utf8 ? " UTF8 (~" : " ";
  announce_literal(parts, body_->size_bytes, large ? Literals::synchronising : dialect.literals);
  return parts;
}

std::string_view Command::after_body(Dialect dialect) const {
  return body_ && body_->binary && dialect.utf8 ? ")\r\n" : "\r\n";
}

}  // namespace postern::imap
