#include "imap/search.hpp"

#include "imap/arguments.hpp"
#include "imap/letters.hpp"

#include <algorithm>
#include <array>

namespace postern::imap {
namespace {

constexpr std::array<std::string_view, 5> system_flags{"ANSWERED", "DELETED", "DRAFT", "FLAGGED",
                                                       "SEEN"};

// search-key = "KEYWORD" SP flag-keyword / "SEEN" / …: system flags have words of their own.
Result<void> add_flag(Command& command, std::string_view flag, bool with) {
  if (!is_flag(flag)) return failure(errc::bad_argument, "not a flag to search for");
  if (!flag.starts_with('\\')) {
    command.add_words((with ? "KEYWORD " : "UNKEYWORD ") + std::string(flag));
    return success();
  }
  const auto name = to_upper(flag.substr(1));
  if (std::find(system_flags.begin(), system_flags.end(), name) == system_flags.end()) {
    return failure(errc::bad_argument, "not a flag to search for");
  }
  command.add_words((with ? "" : "UN") + name);
  return success();
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string search_date(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  std::string text = std::to_string(static_cast<unsigned>(date.day())) + '-';
  text += month_name(static_cast<unsigned>(date.month()));
  return text + '-' + std::to_string(static_cast<int>(date.year()));
}

Result<void> add_criteria(Command& command, const SearchCriteria& criteria, bool utf8) {
  const bool foreign = std::any_of(criteria.headers.begin(), criteria.headers.end(),
                                   [](const auto& header) { return !is_ascii(header.second); });
  if (foreign && !utf8) command.add_words("CHARSET UTF-8");
  bool any = false;
  const auto add = [&](std::string_view words) {
    command.add_words(words);
    any = true;
  };
  if (criteria.uids) {
    POSTERN_TRY(const auto set, set_text(*criteria.uids));
    add("UID " + set);
  }
  if (criteria.since) add("SINCE " + search_date(*criteria.since));
  if (criteria.before) add("BEFORE " + search_date(*criteria.before));
  for (const auto& [field, value] : criteria.headers) {
    if (!is_header_name(field)) return failure(errc::bad_argument, "not a header field's name");
    add("HEADER " + field);
    POSTERN_TRY(command.add_string(value));
  }
  for (const auto& flag : criteria.with_flags) {
    POSTERN_TRY(add_flag(command, flag, true));
    any = true;
  }
  for (const auto& flag : criteria.without_flags) {
    POSTERN_TRY(add_flag(command, flag, false));
    any = true;
  }
  if (criteria.mod_seq_from) add("MODSEQ " + std::to_string(*criteria.mod_seq_from));
  if (criteria.gmail_message_id) add("X-GM-MSGID " + std::to_string(*criteria.gmail_message_id));
  if (!any) add("ALL");
  return success();
}

}  // namespace postern::imap
