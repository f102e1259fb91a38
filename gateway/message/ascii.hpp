// Small words on ASCII that several parsers here share; locale never enters.
#pragma once

#include <string>
#include <string_view>

namespace postern::message {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_space(char c) {
  return is_blank(c) || c == '\r' || c == '\n';
}
constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
constexpr bool is_eight_bit(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

/// RFC 5322 §3.6.8: printable US-ASCII without the colon.
constexpr bool is_ftext(char c) {
  return c > 32 && c < 127 && c != ':';
}

/// RFC 2045 §5.1: printable US-ASCII without tspecials.
constexpr bool is_token_char(char c) {
  return c > 32 && c < 127 &&
         std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

/// The value of a hex digit of either case, or -1.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool is_token(std::string_view text);
bool is_plain_ascii(std::string_view text);  // no control characters, no 8-bit bytes

/// A header value without its folds: CR and LF dropped, tabs made blanks, ends trimmed.
/// Source: RFC 5322 §2.2.3.
std::string unfold(std::string_view value);

}  // namespace postern::message
