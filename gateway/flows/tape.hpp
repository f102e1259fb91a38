// Tape: the last lines of one connection, kept until it is known whether it ended well. What a
// transcript of a failing session is made of. Bounded; almost empty while a connection waits.
#pragma once

#include "core/secret.hpp"
#include "flows/dialogue.hpp"
#include "flows/masking.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

/// Takes the lines of a connection as they come, while somebody wants them.
class LineTaker {
 public:
  virtual ~LineTaker() = default;
  virtual bool wants() = 0;
  virtual int connection_opened() = 0;  // its number
  virtual void take(TranscriptLine line) = 0;
};

class Tape final : private Dialogue::Writer {
 public:
  // Of a dialogue that is too long its first lines stay, then as many of the last as fit.
  static constexpr std::size_t first_lines = 16;
  static constexpr std::size_t lines_max = 48;
  static constexpr std::size_t bytes_max = 4096;
  static constexpr std::size_t resting_lines_max = 6;

  Tape() = default;
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// A secret the server might say back; ours to it are known by their place.
  void hide(const Secret& secret);
  /// The server's words without what is hidden, for other places than a transcript.
  std::string masked(std::string_view words);
  /// Gives every line to `taker` too, while it wants them. It outlives this.
  void give_to(LineTaker& taker) { taker_ = &taker; }

  /// What we did, told in brackets.
  void note(std::string_view words, Instant at);
  void sent(std::string_view bytes, Wire what, Instant at);
  void received(std::string_view bytes, Instant at);
  /// All went well so far: forgets it, and keeps only a few lines from here.
  void rest();
  /// Much may be said again.
  void wake() { resting_ = false; }

  /// Oldest first, masked and printable.
  std::vector<TranscriptLine> lines();

 private:
  struct Entry {
    Instant at;
    Side from = Side::client;
    bool cut = false;
    std::string text;
  };

  void write(Side from, std::string_view text, bool cut) override;
  const Masking& masking();
  void make_room(std::size_t bytes);
  TranscriptLine shown(const Entry& entry);

  Dialogue dialogue_{*this};
  std::vector<Secret> secrets_;
  std::unique_ptr<Masking> masking_;  // made when first used
  LineTaker* taker_ = nullptr;
  int connection_ = 0;  // the taker's number of it
  std::vector<Entry> entries_;
  std::size_t bytes_ = 0;
  std::size_t left_out_ = 0;  // lines between the first and the last
  Instant now_;
  bool resting_ = false;
};

/// `text` as valid UTF-8 without control characters: those are written \xNN.
std::string printable(std::string_view text);

}  // namespace postern::flows
