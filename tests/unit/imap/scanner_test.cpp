#include "imap/scanner.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

errc code_of(const Error& error) {
  return static_cast<errc>(error.code.value());
}

TEST(Scanner, Takes_atoms_up_to_the_next_special) {
  Scanner in("\\Seen $Junk)x");

  EXPECT_EQ(in.atom(), "\\Seen");
  EXPECT_TRUE(in.take(' '));
  EXPECT_EQ(in.atom(), "$Junk");
  EXPECT_EQ(in.atom(), "");
  EXPECT_TRUE(in.take(')'));
  EXPECT_FALSE(in.at_end());
}

TEST(Scanner, Takes_quoted_strings_with_escapes) {
  Scanner in(R"("a\"b\\c" "" rest)");

  EXPECT_EQ(in.nstring().value().value(), R"(a"b\c)");
  in.skip_spaces();
  const auto empty = in.nstring();
  EXPECT_EQ(empty.value().kind, StringToken::Kind::quoted);
  EXPECT_EQ(empty.value().value(), "");
  EXPECT_EQ(in.rest(), " rest");
}

TEST(Scanner, Tells_NIL_from_the_string_NIL) {
  EXPECT_EQ(Scanner("nil").nstring().value().kind, StringToken::Kind::nil);
  EXPECT_EQ(Scanner("\"NIL\"").nstring().value().kind, StringToken::Kind::quoted);
  EXPECT_FALSE(Scanner("NILS").nstring());
}

TEST(Scanner, Takes_literals_of_any_bytes) {
  Scanner in(std::string_view("{4}\r\n\0\"\r\n)", 10));

  EXPECT_EQ(in.nstring().value().value(), std::string("\0\"\r\n", 4));
  EXPECT_EQ(in.rest(), ")");
}

TEST(Scanner, Takes_the_framers_mark_for_a_streamed_literal) {
  Scanner in(std::string_view("~{123}\0)", 8));

  const auto token = in.nstring();

  EXPECT_EQ(token.value().kind, StringToken::Kind::streamed);
  EXPECT_EQ(token.value().size_bytes, 123U);
  EXPECT_EQ(in.rest(), ")");
}

TEST(Scanner, Refuses_literals_that_are_not_there) {
  for (const std::string_view text :
       {"{5}\r\nabc", "{5}", "{5}abcde", "{}\r\n", "{1", "{-1}\r\n"}) {
    EXPECT_FALSE(Scanner(text).nstring()) << text;
  }
}

TEST(Scanner, Refuses_strings_without_end) {
  for (const std::string_view text :
       {"\"abc", "\"abc\\", "\"abc\\\"", "\"a\r\nb\"", "", "(", "x"}) {
    EXPECT_FALSE(Scanner(text).nstring()) << text;
  }
}

TEST(Scanner, Takes_brackets_in_an_astring) {
  EXPECT_EQ(Scanner("[Gmail]/x y").astring().value(), "[Gmail]/x");
  EXPECT_EQ(Scanner("\"a b\"").astring().value(), "a b");
  EXPECT_FALSE(Scanner(")").astring());
}

TEST(Scanner, Checks_numbers_for_their_width) {
  EXPECT_EQ(Scanner("4294967295").number().value(), 4294967295U);
  EXPECT_FALSE(Scanner("4294967296").number());
  EXPECT_EQ(Scanner("9223372036854775807").number64().value(), 9223372036854775807U);
  EXPECT_FALSE(Scanner("9223372036854775808").number64());
  EXPECT_FALSE(Scanner("99999999999999999999999999").number64());
  EXPECT_FALSE(Scanner("0").nz_number());
  EXPECT_FALSE(Scanner("").number());
  EXPECT_FALSE(Scanner("-1").number());
}

TEST(Scanner, Takes_nothing_of_a_number_it_refuses) {
  Scanner in("4294967296");

  EXPECT_FALSE(in.number());
  EXPECT_EQ(in.rest(), "4294967296");
}

TEST(Scanner, Takes_number_sets_in_both_directions) {
  EXPECT_EQ(Scanner("1:3,7,9:8").number_set().value().str(), "1:3,7:9");
  for (const std::string_view text : {"", "0", "1:*", "*", "1,", "1:", "1:4294967296"}) {
    EXPECT_FALSE(Scanner(text).number_set()) << text;
  }
}

TEST(Scanner, Bounds_number_sets) {
  std::string text = "1";
  for (std::size_t i = 0; i < NumberSet::ranges_max; ++i) text += ",1";

  EXPECT_EQ(code_of(Scanner(text).number_set().error()), errc::set_too_large);
}

TEST(Scanner, Skips_any_one_value) {
  for (const std::string_view text : {"atom", "a[b c]d", "NIL", "\"q )(\"", "{3}\r\n)((", "()",
                                      "(a (b \"c)\") {1}\r\n( NIL)", "((a)(b))", "12"}) {
    Scanner in(text);
    const bool has_space_in_brackets = text == "a[b c]d";
    EXPECT_TRUE(in.skip_value()) << text;
    EXPECT_EQ(in.at_end(), !has_space_in_brackets) << text;
  }
  for (const std::string_view text : {"", ")", "(", "(a", "(\"a)", "({5}\r\nab)"}) {
    EXPECT_FALSE(Scanner(text).skip_value()) << text;
  }
}

TEST(Scanner, Refuses_a_streamed_body_where_none_belongs) {
  EXPECT_FALSE(Scanner(std::string_view("({1}\0)", 6)).skip_value());
  EXPECT_FALSE(Scanner(std::string_view("{1}\0", 4)).astring());
}

TEST(Scanner, Bounds_nesting) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '(') +
           std::string(static_cast<std::size_t>(depth), ')');
  };

  EXPECT_TRUE(Scanner(nested(Scanner::nesting_max)).skip_value());
  EXPECT_EQ(code_of(Scanner(nested(Scanner::nesting_max + 1)).skip_value().error()),
            errc::nesting_too_deep);
}

TEST(Scanner, Says_what_it_expected_in_bounded_words) {
  const auto error = Scanner(std::string(1000, '\x01')).expected("a number");

  EXPECT_EQ(code_of(error), errc::malformed);
  EXPECT_EQ(error.detail, "expected a number, found: " + std::string(40, '?'));
}

TEST(Shown, Bounds_and_cleans_the_servers_words) {
  EXPECT_EQ(shown("a\x1b[1mb\r\n\x7f"), "a?[1mb???");
  EXPECT_EQ(shown("gr\xc3\xbc\xc3 \xff \xc2\x85"), "gr\xc3\xbc? ? ?");
  EXPECT_EQ(shown(std::string(2000, 'x')).size(), detail_bytes_max);
  std::string cut(detail_bytes_max - 1, 'x');
  EXPECT_EQ(shown(cut + "\xc3\xbc"), cut) << "no half character at the end";
}

}  // namespace
}  // namespace postern::imap
