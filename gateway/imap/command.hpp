// A command as words and strings, and the bytes to send for it: where a string must go as a
// synchronising literal, the bytes come in parts, and each but the first waits for a "+".
// RFC 9051 §4.3, §6; RFC 7888 (LITERAL+, LITERAL-).
#pragma once

#include "imap/capabilities.hpp"
#include "imap/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

/// How the server takes literals: wait for "+" always, only over 4,096 bytes, never.
enum class Literals { synchronising, minus, plus };

Literals literals_of(const Capabilities& capabilities);

/// What the connection allows in a command.
struct Dialect {
  Literals literals = Literals::synchronising;
  bool utf8 = false;  // UTF8=ACCEPT is enabled: folder names and strings go as they are, quoted
};

class Command {
 public:
  static constexpr std::size_t literal_minus_bytes_max = 4096;  // RFC 7888 §5
  static constexpr std::size_t quoted_bytes_max = 1000;
  // A larger body waits for the "+" even where LITERAL+ would let it go at once: one round trip is
  // little beside it, and a full mailbox is told before all the bytes were sent for nothing.
  static constexpr std::uint64_t body_unasked_bytes_max = 64 * 1024;

  /// A command of ours: "UID FETCH 1:5 (UID)". Must not come from outside.
  explicit Command(std::string_view words);

  /// Adds a string of foreign origin: as atom, quoted or literal, whatever it needs.
  /// Errors: bad_argument (CR, LF or NUL in it).
  Result<void> add_string(std::string_view text);

  /// Adds a folder's name, or a pattern for LIST, given in UTF-8. How it is written is decided
  /// when it is sent. Errors: bad_argument, see encode_mailbox().
  Result<void> add_mailbox(std::string_view utf8);

  /// Ends the command with a literal whose bytes the caller sends himself, behind the last part of
  /// render(): those of a message for APPEND. `binary`: a literal8 in "UTF8 (…)", for a message
  /// with UTF-8 in its header. Source: RFC 3501 §6.3.11, RFC 6855 §4.
  void end_with_body(std::uint64_t size_bytes, bool binary);

  /// Adds words of ours behind a string.
  void add_words(std::string_view words);

  /// The bytes, in parts. Never empty; the last part ends with CRLF. With a body at its end the
  /// last part is empty if the body has to wait for a "+".
  std::vector<std::string> render(std::string_view tag, Dialect dialect) const;

  /// What ends the command behind its body.
  std::string_view after_body(Dialect dialect) const;

 private:
  enum class Kind { words, string, mailbox };
  struct Argument {
    std::string text;
    Kind kind = Kind::words;
  };
  struct BodyAtEnd {
    std::uint64_t size_bytes = 0;
    bool binary = false;
  };
  std::vector<Argument> arguments_;
  std::optional<BodyAtEnd> body_;
};

/// Errors: bad_argument (CR, LF or NUL in `text`).
Result<void> check_sendable(std::string_view text);

}  // namespace postern::imap
