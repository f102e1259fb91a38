// Small words for writing mails in tests: '\n' in a literal is CRLF in the mail.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

inline std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

inline bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Multiparts nested `depth` deep, none of them closed.
inline std::string nested(std::size_t depth) {
  std::string mail = "From: a@example.com\r\n";
  for (std::size_t i = 0; i < depth; ++i) {
    const std::string name = "b" + std::to_string(i);
    mail += "Content-Type: multipart/mixed; boundary=" + name + "\r\n\r\n--" + name + "\r\n";
  }
  return mail + "Content-Type: text/plain\r\n\r\nhello\r\n";
}

}  // namespace postern::message
