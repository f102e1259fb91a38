#include "message/mail_date.hpp"

#include "message/ascii.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

namespace postern::message {
namespace {

constexpr std::size_t date_bytes_max = 200;
constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::vector<std::string> words_of(std::string_view value) {
  std::vector<std::string> words(1);
  int comment = 0;
  for (const char c : value.substr(0, date_bytes_max)) {
    if (c == '(') ++comment;
    const bool separates = comment > 0 || is_space(c) || c == ',';
    if (c == ')' && comment > 0) --comment;
    if (!separates) {
      words.back().push_back(lower(c));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text.size() > 4 || !is_digit(text[0])) return std::nullopt;
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> month_of(std::string_view word) {
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (word.substr(0, 3) == months[i]) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

/// hour ":" minute [":" second], in seconds.
std::optional<int> time_of_day(std::string_view word) {
  const std::size_t one = word.find(':');
  if (one == word.npos) return std::nullopt;
  const std::size_t two = word.find(':', one + 1);
  const auto hour = number(word.substr(0, one));
  const auto minute = number(word.substr(one + 1, two == word.npos ? two : two - one - 1));
  const auto second = two == word.npos ? std::optional(0) : number(word.substr(two + 1));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return *hour * 3600 + *minute * 60 + *second;
}

/// Seconds east of UTC; unknown words count as UTC, as RFC 5322 §4.3 says of military zones.
int zone_of(std::string_view word) {
  if (word.size() == 5 && (word[0] == '+' || word[0] == '-')) {
    const auto digits = number(word.substr(1));
    if (!digits) return 0;
    const int seconds = (*digits / 100 * 60 + *digits % 100) * 60;
    return word[0] == '-' ? -seconds : seconds;
  }
  constexpr std::array<std::pair<std::string_view, int>, 8> named{{{"est", -5},
                                                                   {"edt", -4},
                                                                   {"cst", -6},
                                                                   {"cdt", -5},
                                                                   {"mst", -7},
                                                                   {"mdt", -6},
                                                                   {"pst", -8},
                                                                   {"pdt", -7}}};
  for (const auto& [name, hours] : named) {
    if (word == name) return hours * 3600;
  }
  return 0;
}

int full_year(int year, std::size_t digits) {
  if (digits == 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits == 3 ? 1900 + year : year;
}

}  // namespace

std::optional<Instant> parse_mail_date(std::string_view value) {
  std::vector<std::string> words = words_of(value);
  if (!words.empty() && !is_digit(words[0][0]) && !month_of(words[0])) words.erase(words.begin());
  if (words.size() < 4) return std::nullopt;
  if (month_of(words[0])) {  // asctime: Jan 31 09:30:00 2026
    std::swap(words[0], words[1]);
    std::swap(words[2], words[3]);
  }
  const auto day = number(words[0]);
  const auto month = month_of(words[1]);
  const auto year = number(words[2]);
  const auto time = time_of_day(words[3]);
  if (!day || !month || !year || !time || words[2].size() < 2) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(full_year(*year, words[2].size())),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || date.year() < std::chrono::year(1900)) return std::nullopt;
  const int zone = words.size() > 4 ? zone_of(words[4]) : 0;
  return Instant(std::chrono::sys_days(date)) + std::chrono::seconds(*time - zone);
}

std::string to_mail_date(Instant at) {
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - days));
  std::string month(months[static_cast<unsigned>(date.month()) - 1]);
  month[0] = static_cast<char>(month[0] - 32);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %u %s %04d %02d:%02d:%02d +0000",
                weekdays[std::chrono::weekday(days).c_encoding()].data(),
                static_cast<unsigned>(date.day()), month.c_str(), static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

}  // namespace postern::message
