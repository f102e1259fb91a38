// Plays a written IMAP dialogue against imap::Session: whole, byte by byte, or cut after any of
// the server's lines. What a dialogue may say is told in imap/README.md beside the dialogues.
#pragma once

#include "imap/session.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

/// One line of the dialogue.
struct DialogueItem {
  enum class Kind { server, client, client_secret, tls };
  Kind kind = Kind::server;
  std::string bytes;
  int line = 0;  // in the file
};

struct Transcript {
  std::string name;
  Options options;
  bool split = true;  // false: the point of the dialogue is that bytes come together
  std::map<std::string, std::vector<std::string>> hooks;  // event → commands, one entry a time
  std::vector<std::string> expected;                      // events, each by its beginning
  std::vector<DialogueItem> items;

  std::size_t server_items() const;
};

/// Reads a dialogue; a mistake in it ends the program with its line.
Transcript read_transcript(const std::string& path);

struct PlayOptions {
  bool byte_by_byte = false;
  std::size_t server_items_max = static_cast<std::size_t>(-1);  // then the stream ends
};

struct Play {
  std::vector<std::string> events;
  std::string problem;      // the session did what the dialogue does not say; empty: all well
  bool ended = false;       // by Error or Closed
  bool ended_well = false;  // by Closed
};

Play play(const Transcript& transcript, const PlayOptions& how);

}  // namespace postern::imap
