// Arguments of commands, search criteria, sets by position, the wait a server suggests.
#include "imap/arguments.hpp"

#include "imap/search.hpp"
#include "imap/steps.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

TEST(Arguments, Take_flags_and_header_names_that_end_nothing) {
  EXPECT_TRUE(is_flag_list("\\Seen $Done"));
  EXPECT_TRUE(is_header_name("Message-ID"));
  for (const std::string_view text : {"", " ", "a ", "a  b", "\\", "a)", "a\r\n", "\\*", "ü"}) {
    EXPECT_FALSE(is_flag_list(text)) << text;
  }
  for (const std::string_view text : {"", "a b", "a:", "a)", "a\n", "a]"}) {
    EXPECT_FALSE(is_header_name(text)) << text;
  }
  EXPECT_FALSE(is_header_name(std::string(201, 'x')));
}

TEST(Arguments, Write_dates_in_English_and_UTC) {
  EXPECT_EQ(date_time_text(*parse_rfc3339("2026-02-01T00:30:05+02:00")),
            "\"31-Jan-2026 22:30:05 +0000\"");
  EXPECT_EQ(date_time_text(*parse_rfc3339("1969-12-31T23:59:59.500Z")),
            "\"31-Dec-1969 23:59:59 +0000\"");
  EXPECT_EQ(search_date(std::chrono::sys_days(std::chrono::year(2026) / 2 / 1)), "1-Feb-2026");
}

std::string criteria_text(const SearchCriteria& criteria) {
  Command command("UID SEARCH");
  const auto added = add_criteria(command, criteria, false);
  return added ? command.render("A1", {}).front() : added.error().detail;
}

TEST(Search, Writes_all_that_must_hold) {
  SearchCriteria criteria;
  criteria.uids = NumberSet(1, 500);
  criteria.with_flags = {"\\Seen", "$Done"};
  criteria.without_flags = {"\\Deleted", "$Skip"};
  criteria.mod_seq_from = 917;

  EXPECT_EQ(criteria_text(criteria),
            "A1 UID SEARCH UID 1:500 SEEN KEYWORD $Done UNDELETED UNKEYWORD $Skip MODSEQ 917\r\n");
  EXPECT_EQ(criteria_text({}), "A1 UID SEARCH ALL\r\n");
}

TEST(Search, Refuses_what_would_become_a_command) {
  SearchCriteria flags, field, value;
  flags.with_flags = {"\\Recent"};
  field.headers = {{"X) ALL", "y"}};
  value.headers = {{"X", "y\r\nA2 LOGOUT"}};

  EXPECT_EQ(criteria_text(flags), "not a flag to search for");
  EXPECT_EQ(criteria_text(field), "not a header field's name");
  EXPECT_EQ(criteria_text(value), "a line break or NUL in an argument");
}

TEST(CopiedUids, Gives_each_its_new_number) {
  CopiedUids copied;
  copied.source = NumberSet(9, 11);
  ASSERT_TRUE(copied.destination.add(304));
  ASSERT_TRUE(copied.destination.add(319, 320));

  EXPECT_EQ(copied.now(9), 304U);
  EXPECT_EQ(copied.now(11), 320U);
  EXPECT_FALSE(copied.now(12));
  ASSERT_TRUE(copied.destination.add(400));
  EXPECT_FALSE(copied.now(9)) << "the sets are not alike";
}

}  // namespace
}  // namespace postern::imap
