// A written dialogue, read: what is said on a connection and what becomes of it.
//
// The head, "KEY: VALUE" lines, then a line "--", then the dialogue. In each, "#" begins a comment.
//   expect: EVENT       all of them, in order; "EVENT..." is met by what begins so
//   detail: WORDS       must be in the last error's detail
//   pieces: differ      fed in pieces it goes another way, but no further: bytes that came together
//                       are the point of it
//   KEY: VALUE          for the protocol's player (its .cpp tells)
// In the dialogue:
//   C: LINE   S: LINE   said by client and server
//   C*: LINE            said by the session and marked as secret
//   C: [tls]            what the session does: [tls], [body], [closed]
// \r \n \0 \\ and \xNN are octets, {x*9} is nine x, a backslash at the end leaves out the CRLF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::transcripts {

struct Line {
  enum class Kind { peer, session, deed } kind = Kind::peer;
  std::string bytes;  // line end included; of a deed its name
  bool secret = false;
  int number = 0;  // in the file
};

struct Script {
  std::vector<std::pair<std::string, std::string>> head;  // the player's keys
  std::vector<std::string> expected, details;
  bool pieces_differ = false;
  std::vector<Line> lines;

  std::size_t peer_lines() const;
  std::size_t peer_octets() const;
};

/// `peer` is who is played, 'C' or 'S'; the session under test says the other's lines.
/// Throws std::runtime_error with the file and line of a mistake.
Script read_script(const std::string& path, char peer);

/// The octets that `text` stands for.
std::string unescape(std::string_view text);
/// Printable text, as it would be written.
std::string escaped(std::string_view bytes);

/// The end of the players' chains of keys: nobody knows this one.
[[noreturn]] void unknown_key(const std::string& key, const std::string& value);

}  // namespace postern::transcripts
