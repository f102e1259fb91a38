#include "message/transfer.hpp"

#include "core/base64.hpp"
#include "message/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace postern::message {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

constexpr std::uint8_t base64_space = 64, base64_pad = 65, base64_foreign = 66;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(base64_foreign);
  for (std::size_t i = 0; i < 64; ++i) {
    table[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char c : {' ', '\t', '\r', '\n'}) table[static_cast<unsigned char>(c)] = base64_space;
  table['='] = base64_pad;
  return table;
}();

std::uint8_t base64_value(char c) {
  return base64_values[static_cast<unsigned char>(c)];
}

/// Collects decoded bytes and hands them on in chunks.
class Output {
 public:
  explicit Output(const ByteSink& sink) : sink_(sink) { buffer_.reserve(decode_chunk_bytes + 16); }

  void put(char c) { buffer_.push_back(c); }
  void put(std::string_view bytes) { buffer_.append(bytes); }

  /// Call often. False when the sink wants no more.
  bool pass_full() { return buffer_.size() < decode_chunk_bytes || pass(); }
  bool pass() {
    const bool more = buffer_.empty() || sink_(buffer_);
    buffer_.clear();
    return more;
  }

 private:
  const ByteSink& sink_;
  std::string buffer_;
};

bool decode_base64(std::string_view in, Output& out) {
  bool clean = true;
  std::uint32_t bits = 0;
  int held = 0;  // characters in `bits`
  const auto flush = [&] {
    if (held >= 2) out.put(static_cast<char>(bits >> (held == 2 ? 4 : 10)));
    if (held == 3) out.put(static_cast<char>(bits >> 2));
    if (held == 1) clean = false;
    bits = 0;
    held = 0;
  };
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (held == 0 && i + 4 <= in.size()) {  // a whole group without odd characters: the usual case
      const std::uint32_t a = base64_value(in[i]), b = base64_value(in[i + 1]),
                          c = base64_value(in[i + 2]), d = base64_value(in[i + 3]);
      if ((a | b | c | d) < 64) {
        const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
        const char bytes[] = {static_cast<char>(group >> 16), static_cast<char>(group >> 8),
                              static_cast<char>(group)};
        out.put(std::string_view(bytes, 3));
        i += 3;
        if (!out.pass_full()) return clean;
        continue;
      }
    }
    const std::uint32_t value = base64_value(in[i]);
    if (value < 64) {
      bits = bits << 6 | value;
      if (++held == 4) {
        out.put(static_cast<char>(bits >> 16));
        out.put(static_cast<char>(bits >> 8));
        out.put(static_cast<char>(bits));
        bits = 0;
        held = 0;
        if (!out.pass_full()) return clean;
      }
    } else if (value == base64_pad) {
      if (held > 0) flush();
    } else if (value == base64_foreign) {
      clean = false;
    }
  }
  flush();
  return clean;
}

/// One line without its line end; `soft` when it goes on with the next.
void decode_quoted_line(std::string_view line, Output& out, bool& soft, bool& clean) {
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  soft = !line.empty() && line.back() == '=';
  if (soft) line.remove_suffix(1);
  while (!line.empty()) {
    const std::size_t equals = std::min(line.find('='), line.size());
    out.put(line.substr(0, equals));
    line.remove_prefix(equals);
    if (line.empty()) return;
    if (line.size() >= 3 && hex_value(line[1]) >= 0 && hex_value(line[2]) >= 0) {
      out.put(static_cast<char>(hex_value(line[1]) * 16 + hex_value(line[2])));
      line.remove_prefix(3);
    } else {
      clean = false;
      out.put('=');
      line.remove_prefix(1);
    }
  }
}

bool decode_quoted_printable(std::string_view in, Output& out) {
  bool clean = true;
  while (!in.empty()) {
    const std::size_t feed = in.find('\n');
    std::string_view line = in.substr(0, feed);
    const bool carriage = feed != in.npos && line.ends_with('\r');
    if (carriage) line.remove_suffix(1);
    bool soft = false;
    decode_quoted_line(line, out, soft, clean);
    if (feed == in.npos) return clean;
    if (!soft) out.put(carriage ? "\r\n" : "\n");
    in.remove_prefix(feed + 1);
    if (!out.pass_full()) return clean;
  }
  return clean;
}

bool decode_uuencoded(std::string_view in, Output& out) {
  bool inside = false;
  const auto value = [](char c) { return static_cast<unsigned>(c - ' ') & 0x3Fu; };
  while (!in.empty()) {
    const std::size_t feed = std::min(in.find('\n'), in.size() - 1);
    std::string_view line = trim(in.substr(0, feed + 1));
    in.remove_prefix(feed + 1);
    if (!inside) {
      inside = line.starts_with("begin ");
      continue;
    }
    if (line == "end") return true;
    if (line.empty()) continue;
    std::size_t left = value(line[0]);
    for (std::size_t i = 1; left > 0 && i < line.size(); i += 4) {
      unsigned group = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        group = group << 6 | (i + k < line.size() ? value(line[i + k]) : 0u);
      }
      for (int shift = 16; shift >= 0 && left > 0; shift -= 8, --left) {
        out.put(static_cast<char>(group >> shift));
      }
    }
    if (!out.pass_full()) return true;
  }
  return false;
}

}  // namespace

bool decode_transfer(std::string_view in, TransferEncoding encoding, const ByteSink& sink) {
  Output out(sink);
  bool clean = false;
  switch (encoding) {
    case TransferEncoding::identity:
    case TransferEncoding::unknown:
      if (!in.empty()) sink(in);
      return encoding == TransferEncoding::identity;
    case TransferEncoding::base64:
      clean = decode_base64(in, out);
      break;
    case TransferEncoding::quoted_printable:
      clean = decode_quoted_printable(in, out);
      break;
    case TransferEncoding::uuencode:
      clean = decode_uuencoded(in, out);
      break;
  }
  out.pass();
  return clean;
}

Decoded decode_transfer(std::string_view in, TransferEncoding encoding, std::size_t bytes_max) {
  Decoded result;
  result.clean = decode_transfer(in, encoding, [&](std::string_view bytes) {
    const std::size_t room = bytes_max - result.bytes.size();
    result.cut = bytes.size() > room;
    result.bytes.append(bytes.substr(0, room));
    return !result.cut;
  });
  return result;
}

void append_base64_lines(std::string_view in, std::string& out) {
  constexpr std::size_t line_bytes = encoded_line_octets_max / 4 * 3;
  out.reserve(out.size() + (in.size() / line_bytes + 1) * (encoded_line_octets_max + 2));
  std::array<char, encoded_line_octets_max + 2> line;
  while (in.size() >= line_bytes) {  // whole lines without an allocation: 25 MB in a moment
    std::size_t to = 0;
    for (std::size_t i = 0; i < line_bytes; i += 3) {
      const auto byte = [&](std::size_t k) -> std::uint32_t {
        return static_cast<unsigned char>(in[i + k]);
      };
      const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
      for (int shift = 18; shift >= 0; shift -= 6) {
        line[to++] = base64_alphabet[group >> shift & 63];
      }
    }
    line[to++] = '\r';
    line[to++] = '\n';
    out.append(line.data(), to);
    in.remove_prefix(line_bytes);
  }
  if (!in.empty()) out += to_base64(in) + "\r\n";
}

void append_quoted_printable(std::string_view text, std::string& out) {
  std::size_t column = 0;
  const auto put = [&](std::string_view piece, bool line_ends_after) {
    if (column + piece.size() > encoded_line_octets_max - (line_ends_after ? 0 : 1)) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\r\n")) {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const char c = text[i];
    const bool line_ends = rest.size() == 1 || rest.substr(1).starts_with("\r\n");
    const bool starts_line = column == 0;
    const bool special = is_control(c) || is_eight_bit(c) || c == '=' || (c == ' ' && line_ends) ||
                         (starts_line && rest.starts_with("From ")) || (starts_line && c == '.');
    if (special && !(c == '\t' && !line_ends)) {
      const auto byte = static_cast<unsigned char>(c);
      const char code[] = {'=', hex_digits[byte >> 4], hex_digits[byte & 15]};
      put({code, 3}, line_ends);
    } else {
      put({&c, 1}, line_ends);
    }
  }
}

}  // namespace postern::message
