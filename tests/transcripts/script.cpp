#include "transcripts/script.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <numeric>
#include <stdexcept>

namespace postern::transcripts {
namespace {

constexpr std::string_view escape_names = "rn0\\";
constexpr std::string_view escape_octets("\r\n\0\\", 4);

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

/// Takes "{x*9}" off `text` and appends it to `out`; false when there is none.
bool take_repeated(std::string_view& text, std::string& out) {
  const auto end = text.find('}');
  const auto star = text.substr(0, end).rfind('*');
  if (text[0] != '{' || end == text.npos || star == text.npos) return false;
  const auto count = text.substr(star + 1, end - star - 1);
  if (!is_digits(count)) return false;
  const auto once = unescape(text.substr(1, star - 1));
  for (int i = std::stoi(std::string(count)); i > 0; --i) out += once;
  text.remove_prefix(end + 1);
  return true;
}

/// Takes "\r" and the like; false when it is none.
bool take_escape(std::string_view& text, std::string& out) {
  if (text[0] != '\\' || text.size() < 2) return false;
  if (text[1] == 'x' && text.size() >= 4) {
    out += static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16));
    text.remove_prefix(4);
    return true;
  }
  const auto which = escape_names.find(text[1]);
  if (which == escape_names.npos) return false;
  out += escape_octets[which];
  text.remove_prefix(2);
  return true;
}

Line read_line(const std::string& text, char peer, int number) {
  const auto colon = text.find(':');
  const auto mark = text.substr(0, colon);
  if (colon == text.npos || (mark != "C" && mark != "S" && mark != "C*")) {
    throw std::runtime_error("neither C: nor S:");
  }
  const auto words = text.substr(std::min(colon + 2, text.size()));
  Line line;
  line.number = number;
  line.secret = mark == "C*";
  line.kind = mark[0] == peer ? Line::Kind::peer : Line::Kind::session;
  if (line.kind == Line::Kind::session && words.starts_with('[')) line.kind = Line::Kind::deed;
  const bool open = words.ends_with('\\') && !words.ends_with("\\\\");
  if (line.kind == Line::Kind::deed) {
    line.bytes = words;
  } else if (open) {
    line.bytes = unescape(words.substr(0, words.size() - 1));
  } else {
    line.bytes = unescape(words) + "\r\n";
  }
  return line;
}

void read_head(const std::string& line, Script& script) {
  const auto colon = line.find(':');
  if (colon == line.npos) throw std::runtime_error("no key");
  auto key = line.substr(0, colon);
  auto value = line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
  if (key == "expect") {
    script.expected.push_back(std::move(value));
  } else if (key == "detail") {
    script.details.push_back(std::move(value));
  } else if (key == "pieces") {
    script.pieces_differ = value == "differ";
  } else {
    script.head.emplace_back(std::move(key), std::move(value));
  }
}

}  // namespace

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (take_repeated(text, out) || take_escape(text, out)) continue;
    out += text[0];
    text.remove_prefix(1);
  }
  return out;
}

std::string escaped(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto octet = static_cast<unsigned char>(c);
    if (const auto which = escape_octets.find(c); which != escape_octets.npos) {
      text += {'\\', escape_names[which]};
    } else if (octet < 0x20 || octet >= 0x7f) {
      text += {'\\', 'x', digits[octet >> 4], digits[octet & 15]};
    } else {
      text += c;
    }
  }
  return text;
}

std::size_t Script::peer_lines() const {
  return static_cast<std::size_t>(
      std::ranges::count(lines, Line::Kind::peer, [](const Line& line) { return line.kind; }));
}

std::size_t Script::peer_octets() const {
  return std::accumulate(lines.begin(), lines.end(), std::size_t{0},
                         [](std::size_t sum, const Line& line) {
                           return sum + (line.kind == Line::Kind::peer ? line.bytes.size() : 0);
                         });
}

Script read_script(const std::string& path, char peer) {
  Script script;
  int number = 0;
  std::string line;
  try {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be read");
    bool head = true;
    while (std::getline(file, line)) {
      ++number;
      if (line.empty() || line[0] == '#') continue;
      if (line == "--") {
        head = false;
      } else if (head) {
        read_head(line, script);
      } else {
        script.lines.push_back(read_line(line, peer, number));
      }
    }
    if (script.expected.empty() && script.lines.empty()) throw std::runtime_error("tells nothing");
  } catch (const std::exception& e) {
    throw std::runtime_error(path + ":" + std::to_string(number) + ": " + e.what() + ": " + line);
  }
  return script;
}

void unknown_key(const std::string& key, const std::string& value) {
  throw std::runtime_error("no such key or value: " + key + ": " + value);
}

}  // namespace postern::transcripts
