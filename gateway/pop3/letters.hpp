// ASCII letters without the C locale: POP3's keywords are case-insensitive. RFC 1939 §3.
#pragma once

#include <string>
#include <string_view>

namespace postern::pop3 {

constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = upper(c);
  return result;
}

}  // namespace postern::pop3
