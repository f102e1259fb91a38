#include "imap/framer.hpp"

#include "imap/letters.hpp"

#include <algorithm>
#include <optional>

namespace postern::imap {
namespace {

constexpr std::size_t digits_max = 19;  // number64 is 63 bits

bool is_status_word(std::string_view word) {
  return is_word(word, "OK") || is_word(word, "NO") || is_word(word, "BAD") ||
         is_word(word, "BYE") || is_word(word, "PREAUTH");
}

// Only untagged data responses carry literals; a status's human text may end in "{5}" by chance.
bool may_have_literal(std::string_view text) {
  if (!text.starts_with("* ")) return false;
  text.remove_prefix(2);
  return !is_status_word(text.substr(0, text.find(' ')));
}

// literal = "{" number64 "}" CRLF *CHAR8; literal8 = "~{" number64 "}" CRLF *OCTET
std::optional<std::uint64_t> announced_literal(std::string_view segment) {
  if (!segment.ends_with('}')) return std::nullopt;
  const auto brace = segment.rfind('{');
  if (brace == std::string_view::npos) return std::nullopt;
  const auto digits = segment.substr(brace + 1, segment.size() - brace - 2);
  if (digits.empty() || digits.size() > digits_max) return std::nullopt;
  std::uint64_t size = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    size = size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return size;
}

bool is_fetch(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(' ', 1), text.size());
  auto at = first;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == first || at == text.size() || text[at] != ' ') return false;
  at = text.find_first_not_of(' ', at);
  return at != std::string_view::npos && is_word(text.substr(at, 6), "FETCH ");
}

// Whether the literal announced at the end of `segment` is a body: "BODY[…]", "BODY[…]<n>",
// "BINARY[…]", "RFC822", "RFC822.HEADER" or "RFC822.TEXT" and spaces stand before it.
bool follows_body_item(std::string_view segment) {
  segment.remove_suffix(segment.size() - segment.rfind('{'));
  if (segment.ends_with('~')) segment.remove_suffix(1);
  if (!segment.ends_with(' ')) return false;
  segment = segment.substr(0, segment.find_last_not_of(' ') + 1);
  const auto word = segment.substr(segment.find_last_of(" (") + 1);
  if (is_word(word, "RFC822") || is_word(word, "RFC822.HEADER") || is_word(word, "RFC822.TEXT")) {
    return true;
  }
  if (segment.ends_with('>')) segment = segment.substr(0, segment.rfind('<'));
  if (!segment.ends_with(']')) return false;
  const auto before = segment.substr(0, segment.rfind('['));
  const auto name = before.substr(before.find_last_of(" (") + 1);
  return is_word(name, "BODY") || is_word(name, "BINARY");
}

}  // namespace

void Framer::receive(std::string_view bytes) {
  if (position_ == input_.size()) {
    input_.assign(bytes);
  } else {
    input_.erase(0, position_);
    input_.append(bytes);
  }
  position_ = 0;
}

std::string Framer::take_unread() {
  auto unread = input_.substr(position_);
  input_.clear();
  position_ = 0;
  return unread;
}

void Framer::release_memory() {
  if (position_ == input_.size()) {
    input_ = std::string();
    position_ = 0;
  }
  if (whole_ || text_.empty()) {
    text_ = std::string();
    whole_ = false;
    segment_start_ = 0;
  }
}

// State      | what comes          | next state, frame
// line       | bytes without LF    | line, NeedBytes
// line       | LF, no literal      | line, WholeResponse
// line       | LF, small literal   | gathering, none
// line       | LF, body literal    | streaming, LiteralBegin
// gathering  | bytes               | gathering, NeedBytes; after the last: line, none
// streaming  | bytes               | streaming, LiteralPiece; after the last: line, LiteralPiece
Result<Frame> Framer::next() {
  if (whole_) {
    text_.clear();
    segment_start_ = 0;
    whole_ = false;
  }
  if (state_ == State::streaming) return take_streamed();
  if (state_ == State::gathering && !take_gathered()) return Frame{NeedBytes{}};
  return take_line();
}

Frame Framer::take_streamed() {
  const auto available = input_.size() - position_;
  if (available == 0 && missing_bytes_ > 0) return NeedBytes{};
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(missing_bytes_, available));
  const std::string_view bytes(input_.data() + position_, taken);
  position_ += taken;
  missing_bytes_ -= taken;
  if (missing_bytes_ == 0) state_ = State::line;
  return LiteralPiece{bytes, missing_bytes_ == 0};
}

bool Framer::take_gathered() {
  const auto taken =
      static_cast<std::size_t>(std::min<std::uint64_t>(missing_bytes_, input_.size() - position_));
  text_.append(input_, position_, taken);
  position_ += taken;
  missing_bytes_ -= taken;
  if (missing_bytes_ > 0) return false;
  state_ = State::line;
  segment_start_ = text_.size();
  return true;
}

// One turn a line; more only behind gathered literals, each of which uses up input.
Result<Frame> Framer::take_line() {
  for (;;) {
    const auto line_feed = input_.find('\n', position_);
    const bool ended = line_feed != std::string::npos;
    const auto taken = (ended ? line_feed : input_.size()) - position_;
    const auto allowed = response_bytes_max - text_.size();
    const std::string_view bytes(input_.data() + position_, std::min(taken, allowed));
    if (bytes.find('\0') != std::string_view::npos) {
      return failure(errc::malformed, "a NUL in a line");
    }
    if (taken > allowed) return failure(errc::line_too_long, "a response over 64 KiB");
    text_.append(bytes);
    position_ += taken + (ended ? 1 : 0);
    if (!ended) return Frame{NeedBytes{}};
    POSTERN_TRY(auto frame, end_of_line());
    if (!std::holds_alternative<NeedBytes>(frame)) return frame;
    if (!take_gathered()) return Frame{NeedBytes{}};
  }
}

// NeedBytes stands for: a gathered literal begins.
Result<Frame> Framer::end_of_line() {
  if (text_.size() > segment_start_ && text_.back() == '\r') text_.pop_back();
  const auto segment = std::string_view(text_).substr(segment_start_);
  const auto size = announced_literal(segment);
  if (!size || !may_have_literal(text_)) {
    whole_ = true;
    return Frame{WholeResponse{text_}};
  }
  missing_bytes_ = *size;
  if (is_fetch(text_) && follows_body_item(segment)) {
    if (*size > literal_bytes_max) return failure(errc::literal_too_large, "a body over 4 GiB");
    text_ += '\0';
    segment_start_ = text_.size();
    state_ = State::streaming;
    return Frame{LiteralBegin{text_, *size}};
  }
  if (*size + text_.size() > response_bytes_max) {
    return failure(errc::literal_too_large, "a literal over 64 KiB that is not a body");
  }
  text_ += "\r\n";
  state_ = State::gathering;
  return Frame{NeedBytes{}};
}

}  // namespace postern::imap
