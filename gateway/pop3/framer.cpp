#include "pop3/framer.hpp"

#include <algorithm>

namespace postern::pop3 {

void Framer::receive(std::string_view bytes) {
  input_.erase(0, position_);
  searched_ -= std::min(searched_, position_);
  position_ = 0;
  input_.append(bytes);
}

Result<std::optional<std::string_view>> Framer::line() {
  const auto end = input_.find('\n', std::max(position_, searched_));
  const bool whole = end != std::string::npos;
  std::string_view line(input_);
  line = line.substr(position_, (whole ? end : input_.size()) - position_);
  if (line.substr(0, line_bytes_max).find('\0') != std::string_view::npos) {
    return failure(errc::malformed, "a NUL in a line");
  }
  if (line.size() > line_bytes_max) return failure(errc::line_too_long, line.substr(0, 80));
  if (!whole) {
    searched_ = input_.size();
    return std::optional<std::string_view>();
  }
  position_ = end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::optional(line);
}

void Framer::begin_mail() {
  at_ = At::line_start;
}

// State        | byte  | next state, and what becomes of the byte
// line_start   | .     | after_dot: dropped, it is stuffing or the end
//              | CR    | after_cr
//              | other | in_line
// after_dot    | CR    | after_dot_cr: held back
//              | other | in_line
// after_dot_cr | LF    | the end of the mail
//              | other | after_cr: the CR is given first, the byte looked at again
// in_line      | CR    | after_cr
// after_cr     | LF    | line_start
//              | CR    | after_cr
//              | other | in_line
std::optional<MailPiece> Framer::mail() {
  std::size_t begin = position_;
  const auto passed = [&] { return std::string_view(input_).substr(begin, position_ - begin); };
  while (position_ < input_.size()) {
    const char c = input_[position_];
    switch (at_) {
      case At::line_start:
        if (c == '.') {
          if (position_ > begin) return MailPiece{passed()};
          at_ = At::after_dot;
          begin = ++position_;
          continue;
        }
        at_ = c == '\r' ? At::after_cr : At::in_line;
        break;
      case At::after_dot:
        at_ = c == '\r' ? At::after_dot_cr : At::in_line;
        if (c == '\r') {
          begin = ++position_;
          continue;
        }
        break;
      case At::after_dot_cr:
        if (c == '\n') {
          ++position_;
          return MailPiece{{}, true};
        }
        at_ = At::after_cr;
        return MailPiece{"\r"};
      case At::in_line:
        position_ = std::min(input_.find('\r', position_), input_.size());
        if (position_ == input_.size()) continue;
        at_ = At::after_cr;
        break;
      case At::after_cr:
        at_ = c == '\n' ? At::line_start : c == '\r' ? At::after_cr : At::in_line;
        break;
    }
    ++position_;
  }
  if (position_ == begin) return std::nullopt;
  return MailPiece{passed()};
}

}  // namespace postern::pop3
