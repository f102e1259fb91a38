// Plays a written dialogue of a client against smtp::ServerSession: whole, in pieces, or cut.
//
// A transcript has a head and, behind a line "--", the dialogue. In the head:
//   tls: active | offered | none    plain-login: yes    size: 1000
//   login: NAME WORD                the one login that is right
//   refuse: login | sender ADDRESS | body | mail, then a reply: "452 4.3.1 No space"
//   pieces: differ                  in pieces it may go another way, but not further
//   expect: EVENT                   all of them, in order
// In the dialogue, in turns: all C: lines up to the next S: are one piece of input (pipelined).
//   C: LINE       \xNN is an octet, {x*9} is nine x, a backslash at the end leaves out the CRLF
//   S: LINE       what the session says; "S: [tls]" the handshake, "S: [closed]" the end
//   S: "S: LINE" may say {LINE*9} for nine times the same line
#pragma once

#include "smtp/server_session.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace postern::smtp::test {

struct ServerTurn {
  std::vector<std::string> lines;  // of the client, octets
  std::string answer;              // of the session: "[tls]" and "[closed]" stand in it as lines
};

struct ServerTranscript {
  ServerSettings settings;
  std::string login, word;
  std::string foreign;  // the sender that is refused
  std::optional<ServerReply> refuse_login, refuse_sender, refuse_body, refuse_mail;
  bool pieces_differ = false;
  std::vector<std::string> expected;
  std::vector<ServerTurn> turns;
  std::size_t client_lines() const;
};

/// Throws std::runtime_error with what is wrong.
ServerTranscript read_server_transcript(const std::string& path);

struct ServerPlay {
  std::vector<std::string> events;
  std::vector<std::string> answers;  // one a turn
  bool hangs = false;
};

/// What the client sends before it hangs up.
struct ClientCut {
  std::size_t lines = static_cast<std::size_t>(-1);
  bool half_of_next = false;
};

/// Whole if `octets_at_once` is 0.
ServerPlay play(const ServerTranscript& transcript, std::size_t octets_at_once, ClientCut cut);

}  // namespace postern::smtp::test
