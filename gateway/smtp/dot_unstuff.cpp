#include "smtp/dot_unstuff.hpp"

#include <algorithm>

namespace postern::smtp {

void DotUnstuffer::blame(BodyFault fault) {
  if (fault_ == BodyFault::none) fault_ = fault;
}

// line_start -.-> dot, -CR-> cr, else text        text -CR-> cr
// cr -LF-> line_start, -CR-> cr, else text        dot -CR-> dot_cr, else text
// dot_cr -LF-> the end (in take), -CR-> cr, else text
void DotUnstuffer::step(char c, std::string& out) {
  if (c == '\0') blame(BodyFault::nul);
  switch (state_) {
    case State::line_start:
      if (c == '.') {
        state_ = State::dot;
        return;
      }
      break;
    case State::text:
      break;
    case State::cr:
      if (c == '\n') {
        out += "\r\n";
        state_ = State::line_start;
        return;
      }
      blame(BodyFault::bare_carriage_return);
      break;
    case State::dot:
      if (c == '\r') {
        state_ = State::dot_cr;
        return;
      }
      break;
    case State::dot_cr:
      blame(BodyFault::bare_carriage_return);
      break;
  }
  if (c == '\n') blame(BodyFault::bare_line_feed);
  state_ = c == '\r' ? State::cr : State::text;
  if (c != '\r') out += c;  // a CR goes out with its LF; a bare one is of a message that is refused
}

bool DotUnstuffer::take(std::string_view& input, std::string& out) {
  while (!input.empty()) {
    if (state_ == State::text) {
      // Most octets are here: they go over at once, up to the next that means something.
      const auto plain = std::min(input.find_first_of(std::string_view("\r\n\0", 3)), input.size());
      out += input.substr(0, plain);
      input.remove_prefix(plain);
      if (input.empty()) return false;
    }
    const char c = input.front();
    input.remove_prefix(1);
    if (state_ == State::dot_cr && c == '\n') {
      state_ = State::line_start;
      return true;
    }
    step(c, out);
  }
  return false;
}

}  // namespace postern::smtp
