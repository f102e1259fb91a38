#include "pop3/reply.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

TEST(Status, Is_taken_apart_with_its_code) {
  const auto status = parse_status("-ERR [in-use] another session");

  ASSERT_TRUE(status);
  EXPECT_EQ(status->indicator, Indicator::err);
  EXPECT_EQ(status->code, "IN-USE");
  EXPECT_EQ(status->text, "[in-use] another session");
}

TEST(Status, May_stand_without_words) {
  EXPECT_EQ(parse_status("+OK")->indicator, Indicator::ok);
  EXPECT_EQ(parse_status("-ERR")->indicator, Indicator::err);
  EXPECT_EQ(parse_status("+")->indicator, Indicator::challenge);
  EXPECT_EQ(parse_status("+ ")->text, "");
}

TEST(Status, Keeps_a_bracket_that_is_no_code_as_text) {
  EXPECT_EQ(parse_status("+OK [hello] you")->code, "");
  EXPECT_EQ(parse_status("+OK [AUTH")->code, "");
  EXPECT_EQ(parse_status("+OK see [AUTH]")->code, "");
}

TEST(Status, Is_nothing_else) {
  for (const char* line : {"", "OK", "+OKAY", "-ERROR", "+ok", "* OK", "220 hi", " +OK", "++"}) {
    EXPECT_FALSE(parse_status(line)) << line;
  }
}

TEST(Drop, Has_two_numbers) {
  const auto drop = parse_drop("2 320 octets");

  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->count, 2U);
  EXPECT_EQ(drop->size_bytes, 320U);
  for (const char* text : {"", "2", "2 ", "x 1", "2 3x", "4294967296 1", "1 1234567890123456789"}) {
    EXPECT_FALSE(parse_drop(text)) << text;
  }
}

TEST(SizeEntry, Needs_its_number_and_forgives_its_size) {
  EXPECT_EQ(parse_size("7 120")->number, 7U);
  EXPECT_EQ(parse_size("7 120")->size_bytes, 120U);
  EXPECT_EQ(parse_size("7  120 more")->size_bytes, 120U);
  EXPECT_EQ(parse_size("7 many")->size_bytes, 0U);
  EXPECT_EQ(parse_size("7")->size_bytes, 0U);
  for (const char* line : {"", "0 1", "x 1", "-1 1", "4294967296 1", "7x 1"}) {
    EXPECT_FALSE(parse_size(line)) << line;
  }
}

TEST(UidEntry, Holds_1_to_70_visible_characters_or_nothing) {
  EXPECT_EQ(parse_uid("1 !~")->uid, "!~");
  EXPECT_EQ(parse_uid("1 " + std::string(uid_bytes_max, 'x'))->uid.size(), uid_bytes_max);
  EXPECT_EQ(parse_uid("1 " + std::string(uid_bytes_max + 1, 'x'))->uid, "");
  EXPECT_EQ(parse_uid("1 a b")->uid, "");
  EXPECT_EQ(parse_uid("1 \x7f")->uid, "");
  EXPECT_EQ(parse_uid("1")->uid, "");
  EXPECT_FALSE(parse_uid("a 1"));
}

TEST(ForeignGreeting, Names_what_answers_there) {
  EXPECT_NE(foreign_greeting("* OK ready").detail.find("an IMAP server"), std::string::npos);
  EXPECT_NE(foreign_greeting("SSH-2.0-x").detail.find("an SSH server"), std::string::npos);
  EXPECT_NE(foreign_greeting("HTTP/1.1 400").detail.find("an HTTP server"), std::string::npos);
  EXPECT_NE(foreign_greeting("").detail.find("not a POP3 server"), std::string::npos);
}

TEST(Shown, Is_bounded_and_has_no_control_character) {
  EXPECT_EQ(shown("a\r\nb\x1b[0m\x7f\xc2\x85"), "a??b?[0m??");
  EXPECT_LE(shown(std::string(2000, '\xe9')).size(), detail_bytes_max);
  EXPECT_EQ(shown(std::string(2000, 'a')).size(), detail_bytes_max);
}

}  // namespace
}  // namespace postern::pop3
