// Bytes → responses. Finds where a response ends, literals included, and bounds its memory.
//
// Exists apart from the parser so that the parser never sees half a response, and so that a mail
// of any size passes through in pieces, uncopied but for the one copy receive() makes. Knows just
// enough grammar to tell a literal's announcement from other text. RFC 9051 §2.2.2, §4.3, §7.
#pragma once

#include "imap/errc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace postern::imap {

/// All input is used up: receive() more.
struct NeedBytes {};

/// A body literal begins: `text` is the response so far, ending in "{n}" and NUL. Its bytes follow
/// as LiteralPieces, the last one marked; then the rest of the response.
struct LiteralBegin {
  std::string_view text;
  std::uint64_t size_bytes = 0;
};

struct LiteralPiece {
  std::string_view bytes;
  bool last = false;
};

/// A whole response without its line end. Gathered literals are in it as "{n}" CRLF and n bytes;
/// where a streamed one was, it has "{n}" NUL (a NUL of the server's own is refused).
struct WholeResponse {
  std::string_view text;
};

using Frame = std::variant<NeedBytes, LiteralBegin, LiteralPiece, WholeResponse>;

class Framer {
 public:
  static constexpr std::size_t response_bytes_max = 64 * 1024;  // streamed literals not counted
  static constexpr std::uint64_t literal_bytes_max = std::uint64_t{1} << 32;  // streamed ones

  /// Takes bytes from the stream; they are copied.
  void receive(std::string_view bytes);

  /// The next frame; its views hold until the next call of next() or receive(). Adjacent
  /// LiteralPieces joined, the frames do not depend on how the input was split.
  ///
  /// A line ends with LF; a CR before it is dropped, its absence forgiven. Streamed are the
  /// literals that follow BODY[…], BINARY[…] or RFC822… in a FETCH response, all others gathered.
  /// Errors: line_too_long, literal_too_large, malformed (NUL in a line); all final.
  Result<Frame> next();

  /// Whether bytes were received that no frame has used yet.
  bool has_unread() const { return position_ < input_.size(); }

  /// Takes those bytes away: what follows is not read as IMAP (COMPRESS).
  std::string take_unread();

  /// The part of a response that waits for its end; empty right after a whole one.
  std::string_view partial() const { return whole_ ? std::string_view{} : std::string_view{text_}; }

  /// Gives buffers back while nothing is under way, as before a long IDLE.
  void release_memory();

 private:
  enum class State { line, gathering, streaming };

  Result<Frame> take_line();
  Result<Frame> end_of_line();
  bool take_gathered();
  Frame take_streamed();

  std::string input_;
  std::size_t position_ = 0;         // in input_
  std::string text_;                 // the response under way
  std::size_t segment_start_ = 0;    // in text_: behind the last literal
  std::uint64_t missing_bytes_ = 0;  // of the literal under way
  State state_ = State::line;
  bool whole_ = false;  // text_ was given out as a whole response
};

}  // namespace postern::imap
