// Bytes → lines and mails. Finds where a line or a mail ends, and bounds the memory it takes.
//
// Exists apart from the session so that a mail of any size passes through in pieces. In a mail a
// line ends with CRLF alone and only CRLF.CRLF ends it: a bare LF is the mail's own byte, or else a
// mail could end itself and what follows be taken for the server's words. RFC 1939 §3.
#pragma once

#include "pop3/errc.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::pop3 {

struct MailPiece {
  std::string_view bytes;
  bool last = false;  // the mail is whole; no bytes come with it
};

class Framer {
 public:
  static constexpr std::size_t line_bytes_max = 8 * 1024;

  /// Takes bytes from the stream; they are copied.
  void receive(std::string_view bytes);

  /// The next line without its end, or nothing while it is incomplete; a bare LF ends it too. It
  /// holds until the next call of any function here. Not within a mail.
  /// Errors: line_too_long, malformed (NUL), final both.
  Result<std::optional<std::string_view>> line();

  /// What follows is a mail: its bytes come from mail().
  void begin_mail();

  /// The next bytes of the mail, dots unstuffed, or nothing until more is received. They hold as
  /// line()'s. Adjacent pieces joined, they do not depend on how the input was split.
  std::optional<MailPiece> mail();

  /// Whether bytes were received that nothing has used yet.
  bool has_unread() const { return position_ < input_.size(); }
  std::string_view unread() const { return std::string_view(input_).substr(position_); }

 private:
  enum class At { line_start, after_dot, after_dot_cr, in_line, after_cr };

  std::string input_;
  std::size_t position_ = 0;  // in input_
  std::size_t searched_ = 0;  // no LF stands between position_ and here
  At at_ = At::line_start;    // of the mail under way
};

}  // namespace postern::pop3
