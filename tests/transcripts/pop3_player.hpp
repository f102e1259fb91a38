// Plays a written POP3 dialogue against pop3::Session: whole, byte by byte, or cut.
//
// A transcript has a head and, behind a line "--", the dialogue. In the head:
//   tls: established | stls | none          plain-login: yes      limit: BYTES of a mail
//   login: password NAME WORD               or: xoauth2 BASE64, oauthbearer BASE64, none
//   do: COMMAND                             stat, list, uidl, top N L, retr N, dele N, noop, rset;
//                                           in this order, each after the one before is done
//   at-once: yes                            all are queued at Ready, QUIT too
//   end: leave                              no QUIT after the last
//   expect: EVENT                           all of them, in order
//   detail: WORDS                           must be in the last error's detail
// In the dialogue:
//   C: LINE, C: [tls]                       what the session says, and does
//   S: LINE                                 what the server says: \xNN is an octet, {x*9} is nine
//                                           x, a backslash at the end leaves out the CRLF
#pragma once

#include "pop3/session.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace postern::pop3::test {

struct Line {
  bool server = false;
  std::string text;  // of the server: octets, line end included
};

struct Transcript {
  Options options;
  std::vector<std::string> commands;
  bool at_once = false;
  bool quit = true;
  std::vector<std::string> expected;
  std::vector<std::string> expected_detail;
  std::vector<Line> dialogue;
  std::size_t server_lines() const;
};

/// Throws std::runtime_error with the file and line of a mistake.
Transcript read_transcript(const std::string& path);

struct Cut {
  std::size_t server_lines = static_cast<std::size_t>(-1);  // delivered before the line ends
  bool half_of_next = false;                                // and half of the one after them
};

struct Play {
  std::vector<std::string> events;
  std::vector<std::string> mistakes;  // where the session did not keep to the transcript
  bool diverged = false;  // it spoke before the server had finished: bytes nobody asked for
  std::string detail;     // of the last error
};

/// Whole if `octets_at_once` is 0. Only a whole, uncut play is compared with the C: lines.
Play play(const Transcript& transcript, std::size_t octets_at_once, Cut cut);

/// The name of an errc of pop3/.
std::string name_of(const error_code& code);

}  // namespace postern::pop3::test
