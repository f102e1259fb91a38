#include "flows/tape.hpp"

#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace postern::flows {

std::string printable(std::string_view text) {
  auto valid = to_valid_utf8(text);
  if (!has_control(valid)) return valid;
  std::string out;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
    if (c1) {
      // U+0080 to U+009F
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(valid[++i]));
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out += valid[i];
    }
  }
  return out;
}

void Tape::hide(const Secret& secret) {
  if (secret.empty() || std::ranges::find(secrets_, secret) != secrets_.end()) return;
  secrets_.push_back(secret);
  masking_.reset();
}

const Masking& Tape::masking() {
  if (!masking_) masking_ = std::make_unique<Masking>(secrets_);
  return *masking_;
}

std::string Tape::masked(std::string_view words) {
  return masking().mask(words);
}

void Tape::note(std::string_view words, Instant at) {
  now_ = at;
  write(Side::client, fmt::format("[{}]", words), false);
}

void Tape::sent(std::string_view bytes, Wire what, Instant at) {
  now_ = at;
  dialogue_.sent(bytes, what);
}

void Tape::received(std::string_view bytes, Instant at) {
  now_ = at;
  dialogue_.received(bytes);
}

void Tape::rest() {
  std::vector<Entry>().swap(entries_);
  bytes_ = 0;
  left_out_ = 0;
  masking_.reset();
  resting_ = true;
}

void Tape::make_room(std::size_t bytes) {
  const auto lines = resting_ ? resting_lines_max : lines_max;
  const auto first = resting_ ? 0 : first_lines;
  while (!entries_.empty() && (entries_.size() >= lines || bytes_ + bytes > bytes_max)) {
    const auto oldest = std::min(first, entries_.size() - 1);
    bytes_ -= entries_[oldest].text.size();
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(oldest));
    ++left_out_;
  }
}

void Tape::write(Side from, std::string_view text, bool cut) {
  make_room(text.size());
  Entry entry;
  entry.at = now_;
  entry.from = from;
  entry.cut = cut;
  entry.text = text;
  bytes_ += text.size();
  if (taker_ != nullptr && taker_->wants()) {
    if (connection_ == 0) connection_ = taker_->connection_opened();
    auto line = shown(entry);
    line.connection = connection_;
    taker_->take(std::move(line));
  }
  entries_.push_back(std::move(entry));
}

TranscriptLine Tape::shown(const Entry& entry) {
  TranscriptLine line;
  line.at = entry.at;
  line.from = entry.from;
  line.text = printable(masking().mask(entry.text, entry.cut));
  if (entry.cut) line.text += " [cut]";
  return line;
}

std::vector<TranscriptLine> Tape::lines() {
  dialogue_.flush();
  std::vector<TranscriptLine> result;
  const auto gap = resting_ ? 0 : std::min(first_lines, entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (left_out_ > 0 && i == gap) {
      TranscriptLine line;
      line.at = entries_[i].at;
      line.text = fmt::format("[{} lines left out]", left_out_);
      result.push_back(std::move(line));
    }
    result.push_back(shown(entries_[i]));
  }
  masking_.reset();
  return result;
}

}  // namespace postern::flows
