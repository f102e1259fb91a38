#include "pop3/reply.hpp"

#include "pop3/letters.hpp"

#include <algorithm>
#include <array>

namespace postern::pop3 {
namespace {

constexpr std::array<std::string_view, 6> known_codes = {"AUTH",     "IN-USE",   "LOGIN-DELAY",
                                                         "SYS/TEMP", "SYS/PERM", "UTF8"};

/// Takes digits off the front of `text`; nothing where there are none or too many for 63 bits.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  constexpr std::size_t digits_max = 18;
  std::uint64_t value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) {
    if (digits == digits_max) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool at_word_end(std::string_view text) {
  return text.empty() || text.front() == ' ' || text.front() == '\t';
}

/// The number of a message, and the blanks behind it.
std::optional<std::uint32_t> take_message_number(std::string_view& text) {
  const auto number = take_number(text);
  if (!number || *number == 0 || *number > 0xffffffff || !at_word_end(text)) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return static_cast<std::uint32_t>(*number);
}

std::string code_of(std::string_view text) {
  if (!text.starts_with('[')) return "";
  const auto end = text.find(']');
  if (end == std::string_view::npos) return "";
  auto code = to_upper(text.substr(1, end - 1));
  const bool known = std::find(known_codes.begin(), known_codes.end(), code) != known_codes.end();
  return known ? code : "";
}

std::string_view name_protocol(std::string_view greeting) {
  const auto first = greeting.empty() ? '\0' : greeting.front();
  if (first == '\x15' || first == '\x16') return "a TLS server (choose TLS for this port)";
  if (greeting.starts_with("* ")) return "an IMAP server";
  const bool reply_code = greeting.size() >= 3 && is_digit(greeting[0]) && is_digit(greeting[1]) &&
                          is_digit(greeting[2]);
  if (reply_code) return "an SMTP or FTP server";
  if (greeting.starts_with("HTTP/") || greeting.starts_with('<')) return "an HTTP server";
  if (greeting.starts_with("SSH-")) return "an SSH server";
  return "not a POP3 server";
}

}  // namespace

std::optional<Status> parse_status(std::string_view line) {
  Status status;
  if (line.starts_with("+OK")) {
    line.remove_prefix(3);
  } else if (line.starts_with("-ERR")) {
    status.indicator = Indicator::err;
    line.remove_prefix(4);
  } else if (line == "+" || line.starts_with("+ ")) {
    status.indicator = Indicator::challenge;
    line.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  if (!at_word_end(line)) return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (status.indicator != Indicator::challenge) status.code = code_of(line);
  status.text = line;
  return status;
}

std::optional<Drop> parse_drop(std::string_view text) {
  const auto count = take_number(text);
  if (!count || *count > 0xffffffff || !text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto size = take_number(text);
  if (!size || !at_word_end(text)) return std::nullopt;
  return Drop{static_cast<std::uint32_t>(*count), *size};
}

std::optional<SizeEntry> parse_size(std::string_view line) {
  const auto number = take_message_number(line);
  if (!number) return std::nullopt;
  const auto size = take_number(line);
  return SizeEntry{*number, size && at_word_end(line) ? *size : 0};
}

std::optional<UidEntry> parse_uid(std::string_view line) {
  const auto number = take_message_number(line);
  if (!number) return std::nullopt;
  while (line.ends_with(' ')) line.remove_suffix(1);
  const bool well = !line.empty() && line.size() <= uid_bytes_max &&
                    std::ranges::all_of(line, [](char c) { return c >= 0x21 && c <= 0x7e; });
  return UidEntry{*number, well ? std::string(line) : std::string()};
}

Error foreign_greeting(std::string_view greeting) {
  std::string detail(name_protocol(greeting));
  detail.append(": ").append(greeting);
  return failure(errc::not_pop3, detail);
}

}  // namespace postern::pop3
