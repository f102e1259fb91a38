#include "imap/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::imap {
namespace {

constexpr std::size_t set_bytes_max = 8000;
constexpr std::size_t word_bytes_max = 200;

bool is_atom_of(std::string_view text, std::string_view specials) {
  return !text.empty() && text.size() <= word_bytes_max &&
         std::all_of(text.begin(), text.end(), [specials](char c) {
           return c > 0x20 && c < 0x7f && specials.find(c) == std::string_view::npos;
         });
}

}  // namespace

Result<std::string> set_text(const NumberSet& uids) {
  if (uids.empty()) return failure(errc::bad_argument, "an empty set");
  auto text = uids.str();
  if (text.size() > set_bytes_max) return failure(errc::bad_argument, "a set too long to send");
  return text;
}

bool is_flag(std::string_view text) {
  if (text.starts_with('\\')) text.remove_prefix(1);
  return is_atom_of(text, "(){%*\"]\\");
}

bool is_flag_list(std::string_view text) {
  for (;;) {
    const auto end = std::min(text.find(' '), text.size());
    if (!is_flag(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_header_name(std::string_view text) {
  return is_atom_of(text, ":(){%*\"]\\");
}

std::string date_time_text(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("\"{:02}-{}-{:04} {:02}:{:02}:{:02} +0000\"",
                     static_cast<unsigned>(date.day()),
                     month_name(static_cast<unsigned>(date.month())), static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string_view month_name(unsigned month) {
  static constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return names.at(month - 1);
}

}  // namespace postern::imap
