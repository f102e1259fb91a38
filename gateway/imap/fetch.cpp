#include "imap/fetch.hpp"

#include "imap/letters.hpp"

#include <array>

namespace postern::imap {
namespace {

constexpr std::array<std::string_view, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                  "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

// flag-list = "(" [flag *(SP flag)] ")"
Result<std::vector<std::string>> parse_flags(Scanner& in) {
  std::vector<std::string> flags;
  POSTERN_TRY(in.expect('('));
  for (;;) {
    in.skip_spaces();
    if (in.take(')')) return flags;
    POSTERN_TRY(auto flag, in.astring());
    flags.push_back(std::move(flag));
  }
}

// section = "[" [section-spec] "]" ["<" number ">"], taken from behind the item's name.
// A header name in a section may be quoted and hold a "]".
Result<std::string> parse_section(Scanner& in) {
  std::string section;
  POSTERN_TRY(in.expect('['));
  while (!in.take(']')) {
    if (in.peek() == '"' || in.peek() == '{') {
      POSTERN_TRY(const auto name, in.astring());
      section += name;
    } else if (const auto word = in.atom(); !word.empty()) {
      section += to_upper(word);
    } else if (const char c = in.peek(); in.take(' ') || in.take('(') || in.take(')')) {
      section += c;
    } else {
      return in.expected("a body section");
    }
  }
  if (!in.take('<')) return section;
  POSTERN_TRY(const auto origin, in.number64());
  if (origin != 0) return in.expected("a body from its first octet");
  POSTERN_TRY(in.expect('>'));
  return section;
}

Result<void> parse_body(FetchResponse& fetch, std::string section, Scanner& in) {
  if (fetch.body) return in.expected("one body a response");
  in.skip_spaces();
  POSTERN_TRY(const auto token, in.nstring());
  fetch.body.emplace(FetchedBody{std::move(section), token.kind, token.value(), 0});
  fetch.body->size_bytes =
      token.kind == StringToken::Kind::streamed ? token.size_bytes : fetch.body->bytes.size();
  return success();
}

bool is_number_item(std::string_view name) {
  return is_word(name, "UID") || is_word(name, "RFC822.SIZE") || is_word(name, "MODSEQ") ||
         is_word(name, "X-GM-MSGID");
}

// A number that must be there, or NIL where a server has none to tell.
Result<void> parse_number_item(MailFacts& facts, std::string_view name, Scanner& in) {
  if (!is_digit(in.peek()) && in.peek() != '(') {
    auto before = in;
    if (is_word(before.atom(), "NIL")) return in.skip_value();
  }
  if (is_word(name, "UID")) {
    POSTERN_TRY(facts.uid, in.nz_number());
  } else if (is_word(name, "RFC822.SIZE")) {
    POSTERN_TRY(facts.rfc822_size, in.number64());
  } else if (is_word(name, "X-GM-MSGID")) {
    POSTERN_TRY(facts.gmail_message_id, in.number64());
  } else {  // MODSEQ: fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")"
    const bool open = in.take('(');
    POSTERN_TRY(facts.mod_seq, in.number64());
    if (open) {
      POSTERN_TRY(in.expect(')'));
    }
  }
  return success();
}

Result<void> parse_item(FetchResponse& fetch, Scanner& in) {
  const auto name = in.atom();
  if (name.empty()) return in.expected("a FETCH item");
  if (in.peek() == '[') {
    if (!is_word(name, "BODY") && !is_word(name, "BINARY")) {
      POSTERN_TRY(parse_section(in));
      in.skip_spaces();
      return in.skip_value();
    }
    POSTERN_TRY(auto section, parse_section(in));
    return parse_body(fetch, std::move(section), in);
  }
  if (is_word(name, "RFC822")) return parse_body(fetch, "", in);
  if (is_word(name, "RFC822.HEADER")) return parse_body(fetch, "HEADER", in);
  if (is_word(name, "RFC822.TEXT")) return parse_body(fetch, "TEXT", in);
  in.skip_spaces();
  if (is_number_item(name)) return parse_number_item(fetch.facts, name, in);
  if (is_word(name, "FLAGS") && in.peek() == '(') {
    POSTERN_TRY(fetch.facts.flags, parse_flags(in));
    return success();
  }
  if (is_word(name, "INTERNALDATE")) {
    POSTERN_TRY(const auto token, in.nstring());
    fetch.facts.internal_date = parse_date_time(token.value());
    return success();
  }
  return in.skip_value();
}

// Fixed-width digits off the front; -1 if they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

int take_month(std::string_view& text) {
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (!is_word(text.substr(0, 3), months[i])) continue;
    text.remove_prefix(3);
    return static_cast<int>(i) + 1;
  }
  return 0;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const bool one_digit = take_char(text, ' ') || (text.size() > 1 && text[1] == '-');
  const int day = take_digits(text, one_digit ? 1 : 2);
  if (day < 1 || !take_char(text, '-')) return std::nullopt;
  const int month = take_month(text);
  if (month == 0 || !take_char(text, '-')) return std::nullopt;
  const int year = take_digits(text, 4);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 0 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// time = 2DIGIT ":" 2DIGIT ":" 2DIGIT; 60 is a leap second.
std::optional<std::chrono::seconds> take_time(std::string_view& text) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take_char(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take_char(text, ':')) return std::nullopt;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 60) return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace

std::optional<Instant> parse_date_time(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take_char(text, ' ')) return std::nullopt;
  const auto time = take_time(text);
  if (!time || !take_char(text, ' ')) return std::nullopt;
  const bool east = take_char(text, '+');
  if (!east && !take_char(text, '-')) return std::nullopt;
  const int hours = take_digits(text, 2);
  const int minutes = take_digits(text, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return Instant(*date) + *time + (east ? -offset : offset);
}

Result<FetchResponse> parse_fetch(std::uint32_t sequence, Scanner& in, bool partial) {
  FetchResponse fetch;
  fetch.facts.sequence = sequence;
  POSTERN_TRY(in.expect('('));
  for (;;) {
    in.skip_spaces();
    if (in.take(')')) break;
    if (partial && in.at_end()) break;
    POSTERN_TRY(parse_item(fetch, in));
  }
  if (!in.at_end()) return in.expected("the end of FETCH");
  return fetch;
}

}  // namespace postern::imap
