// A message on its way out of DATA: dots unstuffed, the end found, everything else left alone.
//
// The end is CRLF "." CRLF and nothing like it: servers that also took LF "." LF let one mail carry
// a second one past them (SMTP smuggling, promise 19). What a message may not hold is noted, and
// the message refused at its end. Streaming; any split of the input gives the same.
// RFC 5321 §4.5.2 (transparency), §2.3.8 (no bare CR or LF), §4.1.1.4.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::smtp {

/// What stood in the message and may not.
enum class BodyFault { none, bare_carriage_return, bare_line_feed, nul };

class DotUnstuffer {
 public:
  /// Takes octets off the front of `input`, up to the end of the message at most, and appends those
  /// of the message to `out`. Gives true when the message has ended; `input` then holds what
  /// follows its final dot.
  bool take(std::string_view& input, std::string& out);

  /// The first fault so far. Of use as soon as it is there: the message is refused anyway.
  BodyFault fault() const { return fault_; }

 private:
  enum class State {
    line_start,  // after CRLF, or at the beginning
    text,
    cr,      // a CR, and its LF is awaited
    dot,     // a dot at the start of a line: the end, or stuffed
    dot_cr,  // that dot and a CR
  };
  void step(char c, std::string& out);
  void blame(BodyFault fault);

  State state_ = State::line_start;
  BodyFault fault_ = BodyFault::none;
};

}  // namespace postern::smtp
