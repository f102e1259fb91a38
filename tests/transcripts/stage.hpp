// One play of a script: gives the session what the other side says, and holds against the script
// what the session says and does. Knows no protocol; each protocol's player drives its session with
// one of these, and all are tested alike by transcripts_test.cpp.
#pragma once

#include "transcripts/script.hpp"

#include <limits>
#include <optional>

namespace postern::transcripts {

/// How a script is played.
struct Way {
  std::size_t octets_at_once = 0;  // 0: all lines up to the session's turn at once
  std::size_t peer_lines = std::numeric_limits<std::size_t>::max();  // then the peer hangs up
  bool half_of_next = false;                                         // having said half of a line
};

struct Play {
  std::vector<std::string> events;
  std::vector<std::string> mistakes;  // where the session did not keep to the script
  std::string detail;                 // of the last error
};

class Stage {
 public:
  Stage(const Script& script, Way way) : script_(script), way_(way) {}

  /// What the peer says next; nothing: it has hung up, or the script is over.
  std::optional<std::string> listen();
  /// Whether the peer goes on without waiting for the session.
  bool peer_speaks() const { return at(Line::Kind::peer); }
  /// Whether the peer hangs up before the script's end.
  bool cut() const { return peer_lines_ >= way_.peer_lines; }

  void said(std::string_view bytes, bool secret = false);
  /// False when it meets bytes of the peer that lie before it: a handshake fails by them.
  bool does(std::string_view deed);

  void tell(std::string event) { play_.events.push_back(std::move(event)); }
  void detail(std::string words) { play_.detail = std::move(words); }
  void mistake(std::string what) { play_.mistakes.push_back(std::move(what)); }

  /// False when the play is over, and when it hangs: asked before each step.
  bool goes_on();
  void finish() { over_ = true; }
  Play end();

 private:
  bool at(Line::Kind kind) const {
    return at_ < script_.lines.size() && script_.lines[at_].kind == kind;
  }
  std::string here() const;
  void compare();
  std::string next_piece();
  void wrong(const std::string& what);

  const Script& script_;
  const Way way_;
  Play play_;
  std::size_t at_ = 0;      // of the lines
  std::size_t offset_ = 0;  // in the peer's line at at_
  std::size_t peer_lines_ = 0;
  std::string said_, secret_;  // not compared yet; for each octet of it '*' when it was secret
  int steps_ = 0;
  bool half_said_ = false, hung_up_ = false, over_ = false;
};

/// What a program of tests plays; its player defines it.
struct Protocol {
  char peer;                // 'S': the session is the client; 'C': the server
  std::size_t scripts_min;  // so many there are at least
  std::string_view feat;    // an event that begins so may never come more often than written
  Play (*play)(const Script& script, Way way);
};
extern const Protocol protocol;

}  // namespace postern::transcripts
