// Plays a written SMTP dialogue against smtp::Session: whole, byte by byte, or cut.
//
// A transcript has a head and, behind a line "--", the dialogue. In the head:
//   tls: established | starttls | none      plain-login: yes      pipelining: no
//   login: password NAME WORD               or: token MECHANISM BASE64 [ANSWER IN BASE64]
//   chunking: no
//   mail: a@x -> b@y, c@z size=10 8bit utf8 chunk require-tls notify=never ret=headers envid=x
//   orcpt
//                                           a job, one at each Ready in this order, or with
//                                           "behind" lined up behind the one before; also
//   probe: a@x  and  noop:                  these two. "end: leave" says no QUIT after the last
//   expect: EVENT                           all of them, in order
//   detail: WORDS                           must be in the last error's detail
//   challenge: WORDS                        what auth_challenge() must be
// In the dialogue:
//   C: LINE, C: [tls], C: [body]            what the session says, and does
//   S: LINE                                 what the server says: \xNN is an octet, {x*9} is nine
//                                           x, a backslash at the end leaves out the CRLF
#pragma once

#include "smtp/session.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace postern::smtp::test {

struct Job {
  enum class Kind { mail, probe, noop } kind = Kind::mail;
  Transaction transaction;
  bool behind = false;
};

struct Line {
  bool server = false;
  std::string text;  // of the server: octets, line end included
};

struct Transcript {
  Options options;
  std::vector<Job> jobs;
  bool quit = true;
  std::vector<std::string> expected;
  std::vector<std::string> expected_detail;
  std::string expected_challenge;
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
  std::string challenge;
};

/// Whole if `octets_at_once` is 0. Only a whole, uncut play is compared with the C: lines.
Play play(const Transcript& transcript, std::size_t octets_at_once, Cut cut);

}  // namespace postern::smtp::test
