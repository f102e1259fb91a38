#include "transcripts/stage.hpp"

#include <utility>

namespace postern::transcripts {
namespace {

constexpr int steps_max = 2'000'000;  // a play that needs more hangs

}  // namespace

std::optional<std::string> Stage::listen() {
  if (!peer_speaks()) compare();
  if (at(Line::Kind::session) || at(Line::Kind::deed)) wrong("it waits");
  if (peer_speaks() && !cut()) return next_piece();
  if (peer_speaks() && way_.half_of_next && !std::exchange(half_said_, true)) {
    const auto& bytes = script_.lines[at_].bytes;
    return bytes.substr(0, bytes.size() / 2);
  }
  if (std::exchange(hung_up_, true)) wrong("it waits after the end");
  return std::nullopt;
}

std::string Stage::next_piece() {
  std::string bytes;
  do {
    const auto& line = script_.lines[at_].bytes;
    const auto size = way_.octets_at_once == 0 ? line.size() : way_.octets_at_once;
    bytes += line.substr(offset_, size);
    offset_ += size;
    if (offset_ < line.size()) break;
    offset_ = 0;
    ++at_;
    ++peer_lines_;
  } while (way_.octets_at_once == 0 && peer_speaks() && !cut());
  return bytes;
}

void Stage::said(std::string_view bytes, bool secret) {
  said_ += bytes;
  secret_.append(bytes.size(), secret ? '*' : ' ');
}

void Stage::compare() {
  std::size_t compared = 0;
  for (; at(Line::Kind::session); ++at_) {
    const auto& line = script_.lines[at_];
    const auto size = line.bytes.size();
    if (said_.compare(compared, size, line.bytes) != 0) break;
    const bool secret = secret_.find('*', compared) < compared + size;
    if (secret != line.secret) mistake(here() + (secret ? "is" : "is not") + " marked as secret");
    compared += size;
  }
  if (compared < said_.size()) wrong("it says " + escaped(said_.substr(compared)));
  said_.clear();
  secret_.clear();
}

bool Stage::does(std::string_view deed) {
  if (peer_speaks()) return false;
  compare();
  if (at(Line::Kind::deed) && script_.lines[at_].bytes == deed) {
    ++at_;
  } else {
    wrong("it does " + std::string(deed));
  }
  return true;
}

bool Stage::goes_on() {
  if (!over_ && ++steps_ > steps_max) wrong("it hangs");
  return !over_;
}

void Stage::wrong(const std::string& what) {
  mistake(here() + what);
  over_ = true;
}

std::string Stage::here() const {
  if (at_ == script_.lines.size()) return "at the end: ";
  const auto& line = script_.lines[at_];
  return "line " + std::to_string(line.number) + " (" + escaped(line.bytes) + "): ";
}

Play Stage::end() {
  if (!peer_speaks() && play_.mistakes.empty()) compare();
  // In pieces it may end before it has heard all.
  const bool whole = way_.octets_at_once == 0 && !cut();
  if (whole && at_ < script_.lines.size()) mistake(here() + "it never comes to this");
  return std::move(play_);
}

}  // namespace postern::transcripts
