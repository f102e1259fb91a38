#include "smtp/reply.hpp"

#include "smtp/error.hpp"
#include "smtp/words.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

/// The only reply in `text`, which must be all of it.
Reply reply_of(std::string_view text) {
  auto reply = take_reply(text);
  EXPECT_TRUE(reply && reply.value().has_value());
  EXPECT_TRUE(text.empty());
  return reply && reply.value() ? *reply.value() : Reply();
}

error_code refusal_of(std::string_view text, std::size_t limit_bytes = reply_bytes_max) {
  const std::string_view before = text;
  auto reply = take_reply(text, limit_bytes);
  EXPECT_EQ(text.data(), before.data());  // nothing consumed
  return reply ? error_code() : reply.error().code;
}

TEST(Reply, Takes_one_line_apart) {
  const Reply reply = reply_of("550 5.1.1 <a@example.org>: User unknown\r\n");

  EXPECT_EQ(reply.code, 550);
  EXPECT_EQ(reply.enhanced_code, "5.1.1");
  EXPECT_EQ(reply.text(), "<a@example.org>: User unknown");
  EXPECT_EQ(reply.words(), "550 5.1.1 <a@example.org>: User unknown");
  EXPECT_TRUE(reply.permanent());
}

TEST(Reply, Joins_the_lines_of_one_reply) {
  const Reply reply = reply_of("535-5.7.8 Not accepted. See\r\n535 5.7.8  https://example.com\r\n");

  EXPECT_EQ(reply.lines, (std::vector<std::string>{"Not accepted. See", "https://example.com"}));
  EXPECT_EQ(reply.words(), "535 5.7.8 Not accepted. See https://example.com");
}

TEST(Reply, Leaves_what_follows_in_the_input) {
  std::string_view input = "250 one\r\n250 two\r\n";

  const auto reply = take_reply(input);

  ASSERT_TRUE(reply && reply.value());
  EXPECT_EQ(reply.value()->text(), "one");
  EXPECT_EQ(input, "250 two\r\n");
}

TEST(Reply, Waits_for_the_rest_and_consumes_nothing) {
  constexpr std::string_view whole = "250-one\r\n250 two\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::string_view input = whole.substr(0, length);

    const auto reply = take_reply(input);

    ASSERT_TRUE(reply);
    EXPECT_FALSE(reply.value());
    EXPECT_EQ(input.size(), length);
  }
}

TEST(Reply, Accepts_a_bare_line_feed_as_line_end) {
  EXPECT_EQ(reply_of("250-one\n250 two\n").lines, (std::vector<std::string>{"one", "two"}));
}

TEST(Reply, Accepts_a_line_without_text) {
  EXPECT_EQ(reply_of("354\r\n").code, 354);
  EXPECT_EQ(reply_of("250-\r\n250\r\n").words(), "250");
}

TEST(Reply, Drops_blanks_at_the_end) {
  EXPECT_EQ(reply_of("250 ok \t \r\n").text(), "ok");
  EXPECT_EQ(reply_of("250   \r\r\n").text(), "");
}

TEST(Reply, Refuses_what_is_no_reply) {
  for (const char* text : {"\r\n", "25 ok\r\n", "2500 ok\r\n", "250ok\r\n", "150 x\r\n",
                           "650 x\r\n", "x50 y\r\n", " 250 ok\r\n", "hello\n", "250_ok\r\n"}) {
    EXPECT_EQ(refusal_of(text), errc::malformed_reply) << text;
  }
}

TEST(Reply, Refuses_two_codes_in_one_reply) {
  EXPECT_EQ(refusal_of("250-one\r\n251 two\r\n"), errc::malformed_reply);
}

TEST(Reply, Refuses_a_reply_over_the_limit) {
  const std::string longest = "250 " + std::string(reply_bytes_max - 6, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), reply_bytes_max);
  EXPECT_EQ(refusal_of("250 " + std::string(reply_bytes_max - 5, 'x') + "\r\n"),
            errc::reply_too_long);
  EXPECT_EQ(refusal_of("250 " + std::string(reply_bytes_max, 'x')), errc::reply_too_long);
  EXPECT_EQ(reply_of(longest).lines[0].size(), reply_bytes_max - 6);
}

TEST(Reply, Finds_enhanced_codes_only_where_they_are) {
  EXPECT_EQ(reply_of("250 2.0.0\r\n").enhanced_code, "2.0.0");
  EXPECT_EQ(reply_of("535 5.7.139 off\r\n").enhanced_code, "5.7.139");
  EXPECT_EQ(reply_of("220  2.1.5 two blanks\r\n").words(), "220 2.1.5 two blanks");
  EXPECT_EQ(reply_of("430 4.2.0 STOREDRV\r\n").enhanced_code, "4.2.0");
  for (const char* text :
       {"250 4.3.2.1 is your address\r\n", "250 3.1.1 x\r\n", "250 2.1 x\r\n", "250 2.1.x\r\n",
        "250 2.1.1000 x\r\n", "250 2.1000.1 x\r\n", "250 2..1 x\r\n", "250 2.1.1x\r\n"}) {
    EXPECT_EQ(reply_of(text).enhanced_code, "") << text;
  }
}

TEST(Reply, Keeps_another_enhanced_code_of_a_later_line_as_text) {
  const Reply reply = reply_of("550-5.1.1 one\r\n550 5.7.1 two\r\n");

  EXPECT_EQ(reply.enhanced_code, "5.1.1");
  EXPECT_EQ(reply.text(), "one 5.7.1 two");
}

TEST(Words, Escape_control_characters_and_what_is_not_utf8) {
  EXPECT_EQ(shown("a\r\nb\x1b[0m\x7f"), "a\\x0d\\x0ab\\x1b[0m\\x7f");
  EXPECT_EQ(shown("gr\xc3\xbc\xc3\x9f"), "grüß");
  EXPECT_EQ(shown("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(shown("\xc2\x85"), "\\xc2\\x85");  // C1: next line
  EXPECT_EQ(shown(std::string_view("\0", 1)), "\\x00");
}

TEST(Words, Are_cut_at_the_limit_and_never_inside_a_character) {
  EXPECT_EQ(shown("abcdef", 6), "abcdef");
  EXPECT_EQ(shown("abcdef", 5), "abcde…");
  EXPECT_EQ(shown("aüb", 2), "a…");
  EXPECT_EQ(reply_of("250 " + std::string(2000, 'x') + "\r\n").text().size(),
            words_bytes_max + std::string_view("…").size());
}

TEST(Greeting, Of_another_protocol_is_named) {
  EXPECT_EQ(foreign_protocol("* OK ready"), "an IMAP server");
  EXPECT_EQ(foreign_protocol("+OK ready"), "a POP3 server");
  EXPECT_EQ(foreign_protocol("HTTP/1.1 400"), "an HTTP server");
  EXPECT_EQ(foreign_protocol("<html>"), "an HTTP server");
  EXPECT_EQ(foreign_protocol("SSH-2.0-x"), "an SSH server");
  EXPECT_TRUE(foreign_protocol("\x15\x03\x01").starts_with("a TLS record"));
  EXPECT_EQ(foreign_protocol("good day"), "");
}

}  // namespace
}  // namespace postern::smtp
