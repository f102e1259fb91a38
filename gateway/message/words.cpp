#include "message/words.hpp"

#include "core/base64.hpp"
#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/transfer.hpp"

#include <algorithm>
#include <optional>

namespace postern::message {
namespace {

constexpr std::size_t word_frame_octets = 7;  // "=?", "?B?", "?="

/// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
struct Word {
  std::string charset;
  std::string bytes;
  std::size_t length = 0;  // in the source
};

std::string decode_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out.push_back(' ');
    } else if (text[i] == '=' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
               hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// The word at the front of `text`. Each search is bounded, so that "=?=?=?…" stays linear.
std::optional<Word> word_at(std::string_view text) {
  constexpr std::size_t charset_span = charset_name_bytes_max + 40;
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t one = text.substr(0, charset_span).find('?', 2);
  if (one == text.npos || one == 2 || one + 2 >= text.size() || text[one + 2] != '?') {
    return std::nullopt;
  }
  const char encoding = lower(text[one + 1]);
  if (encoding != 'b' && encoding != 'q') return std::nullopt;
  const std::size_t begin = one + 3;
  // Some mailers leave blanks inside Q words, so the end is the next "?=" whatever lies between.
  // No encoded text holds a "?", so the search ends at the first.
  const std::size_t end = text.find('?', begin);
  if (end == text.npos || end + 1 >= text.size() || text[end + 1] != '=') return std::nullopt;
  const std::string_view encoded = text.substr(begin, end - begin);
  Word word;
  const std::string_view charset = text.substr(2, one - 2);
  word.charset = to_lower(charset.substr(0, charset.find('*')));
  word.bytes = encoding == 'q'
                   ? decode_q(encoded)
                   : decode_transfer(encoded, TransferEncoding::base64, encoded.size()).bytes;
  word.length = end + 2;
  return word;
}

std::string encode_chunk(std::string_view utf8, const std::string& charset) {
  const auto bytes = from_utf8(utf8, charset);
  // A few charsets hold two characters together that they do not hold apart (Big5-HKSCS).
  if (!bytes) return "=?utf-8?B?" + to_base64(utf8) + "?=";
  return "=?" + charset + "?B?" + to_base64(*bytes) + "?=";
}

}  // namespace

std::string decode_words(std::string_view value, CharsetDecoder& charsets, bool& clean) {
  const std::string text = unfold(value);
  std::string out, pending, pending_charset;
  const auto flush = [&](std::string_view bytes, std::string_view charset) {
    auto decoded = charsets.to_utf8(bytes, charset);
    clean = clean && decoded.clean;
    out += decoded.utf8;
  };
  std::string_view rest = text;
  bool after_word = false;
  while (!rest.empty()) {
    const std::size_t next = std::min(rest.find("=?"), rest.size());
    std::string_view plain = rest.substr(0, next);
    rest.remove_prefix(next);
    const auto word = word_at(rest);
    if (!word && !rest.empty()) plain = std::string_view(plain.data(), plain.size() + 2);
    const bool only_blanks = std::all_of(plain.begin(), plain.end(), is_blank);
    const bool joins = after_word && word && only_blanks;
    // ISO-2022 begins each word anew; joined, its shifts would meet and read as an error.
    if (!joins || word->charset != pending_charset || pending_charset.starts_with("iso-2022")) {
      if (!pending.empty()) flush(pending, pending_charset);
      pending.clear();
    }
    if (!joins) {
      flush(plain, "");
    }
    after_word = word.has_value();
    if (word) {
      pending += word->bytes;
      pending_charset = word->charset;
      rest.remove_prefix(word->length);
    } else if (!rest.empty()) {
      rest.remove_prefix(2);
    }
  }
  if (!pending.empty()) flush(pending, pending_charset);
  for (char& c : out) {
    if (is_control(c)) c = ' ';
  }
  return out;
}

std::vector<std::string> encode_words(std::string_view utf8, const std::string& charset,
                                      std::size_t first_octets_max) {
  std::vector<std::string> words;
  while (!utf8.empty()) {
    const std::size_t octets = words.empty() ? std::min(first_octets_max, encoded_word_octets_max)
                                             : encoded_word_octets_max;
    const std::size_t frame = word_frame_octets + charset.size();
    const std::size_t room = octets > frame ? (octets - frame) / 4 * 3 : 0;
    // In other charsets a character may grow, and ISO-2022-JP's shifts cost six bytes a word: half
    // the room less those is safe. One character always goes, lest this never end.
    const std::size_t fits = charset == "utf-8" ? room : (room / 2 > 3 ? room / 2 - 3 : 0);
    const std::string_view chunk = cut_utf8(utf8, std::max<std::size_t>(fits, 4));
    words.push_back(encode_chunk(chunk, charset));
    utf8.remove_prefix(chunk.size());
  }
  return words;
}

}  // namespace postern::message
