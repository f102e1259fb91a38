// ASCII letters without the C locale: IMAP's words are case-insensitive.
#pragma once

#include <string>
#include <string_view>

namespace postern::imap {

constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether `text` is `word`, which is given in upper case.
constexpr bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (upper(text[i]) != word[i]) return false;
  }
  return true;
}

/// Whether `word`, given in upper case, occurs in `text`.
constexpr bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
    if (is_word(text.substr(i, word.size()), word)) return true;
  }
  return false;
}

inline std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = upper(c);
  return result;
}

}  // namespace postern::imap
