// A command as words and strings, and the bytes to send for it: where a string must go as a
// synchronising literal, the bytes come in parts, and each but the first waits for a "+".
// RFC 9051 §4.3, §6; RFC 7888 (LITERAL+, LITERAL-).
#pragma once

#include "imap/capabilities.hpp"
#include "imap/errc.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

/// How the server takes literals: wait for "+" always, only over 4,096 bytes, never.
enum class Literals { synchronising, minus, plus };

Literals literals_of(const Capabilities& capabilities);

class Command {
 public:
  static constexpr std::size_t literal_minus_bytes_max = 4096;  // RFC 7888 §5
  static constexpr std::size_t quoted_bytes_max = 1000;

  /// A command of ours: "UID FETCH 1:5 (UID)". Must not come from outside.
  explicit Command(std::string words);

  /// Adds a string of foreign origin: as atom, quoted or literal, whatever it needs.
  /// Errors: bad_argument (CR, LF or NUL in it).
  Result<void> add_string(std::string_view text);

  /// Adds words of ours behind a string.
  void add_words(std::string_view words);

  /// The bytes, in parts. Never empty; the last part ends with CRLF.
  std::vector<std::string> render(std::string_view tag, Literals literals) const;

 private:
  struct Argument {
    std::string text;
    bool is_string = false;
  };
  std::vector<Argument> arguments_;
};

/// Errors: bad_argument (CR, LF or NUL in `text`).
Result<void> check_sendable(std::string_view text);

}  // namespace postern::imap
