// What would forge a line: found, however it is written; what people write in is left alone.
#include "core/showable.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern {
namespace {

TEST(Showable, Finds_controls_separators_and_turns_of_direction) {
  for (const std::string bad :
       {"\x01", "\n", "\r", "\t", "\x1b", "\x7f", "\xC2\x80", "\xC2\x9B", "\xC2\x9F", "\xD8\x9C",
        "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAA",
        "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"}) {
    EXPECT_EQ(unshowable(bad + "x"), bad.size()) << bad;
  }
  EXPECT_EQ(unshowable(std::string_view("\0x", 2)), 1U);
}

TEST(Showable, Leaves_what_people_write) {
  for (const std::string good : {" ", "a", "~", "\xC2\xA0", "ä", "ب", "א", "한", "\xE2\x80\xA7",
                                 "\xE2\x80\xAF", "\xE2\x81\xA5", "\xE2\x81\xAA", "😀"}) {
    EXPECT_EQ(unshowable(good), 0U) << good;
  }
}

TEST(Showable, Makes_one_line_of_any_text) {
  EXPECT_EQ(as_one_line("a\r\nb \xE2\x80\xAE c\xFF ä"), "a\\u000d\\u000ab \\u202e c\xEF\xBF\xBD ä");
}

TEST(Showable, Tells_the_code_point) {
  EXPECT_EQ(code_point("\x1b", 1), 0x1BU);
  EXPECT_EQ(code_point("\xC2\x9B", 2), 0x9BU);
  EXPECT_EQ(code_point("\xE2\x80\xAE", 3), 0x202EU);
}

}  // namespace
}  // namespace postern
