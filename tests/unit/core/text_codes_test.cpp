// Hex, Base 64, UTF-8 and the suggestion of near words.
#include "core/base64.hpp"
#include "core/hex.hpp"
#include "core/suggest.hpp"
#include "core/utf8.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern {
namespace {

TEST(Hex, Goes_both_ways) {
  EXPECT_EQ(to_hex(std::string_view("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(from_hex("00FF1a"), std::string("\x00\xff\x1a", 3));
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, Refuses_what_is_none) {
  for (const char* text : {"0", "0g", "0 ", " 00"}) EXPECT_FALSE(from_hex(text)) << text;
}

// RFC 4648 §10.
constexpr std::array<std::pair<const char*, const char*>, 7> base64_vectors = {
    {{"", ""},
     {"f", "Zg=="},
     {"fo", "Zm8="},
     {"foo", "Zm9v"},
     {"foob", "Zm9vYg=="},
     {"fooba", "Zm9vYmE="},
     {"foobar", "Zm9vYmFy"}}};

TEST(Base64, Gives_the_vectors_of_the_RFC_both_ways) {
  for (const auto& [bytes, text] : base64_vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, Every_byte_comes_back) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(from_base64(to_base64(all)), all);
  EXPECT_EQ(from_base64url(to_base64url(all)), all);
}

TEST(Base64, Is_strict) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Z g==", "Zg===", "-_-_", "="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64, The_url_safe_form_needs_no_padding) {
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(from_base64url("-_8"), "\xfb\xff");
  EXPECT_EQ(from_base64url("-_8="), "\xfb\xff");
  for (const char* text : {"+/8", "A", "-_8=="}) EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(Utf8, Takes_what_RFC_3629_takes) {
  for (const char* text : {"", "a", "é", "€", "😀", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(valid_utf8(text)) << text;
  }
}

TEST(Utf8, Refuses_overlong_forms_surrogates_and_what_is_too_high) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xE2\x82", "\xFF"}) {
    EXPECT_FALSE(valid_utf8(text)) << text;
  }
}

TEST(Utf8, Cuts_at_the_boundary_of_a_character) {
  const std::string text = "a€😀";
  const std::array<std::string_view, 9> fronts = {"",   "a",  "a",  "a",   "a€",
                                                  "a€", "a€", "a€", "a€😀"};
  for (std::size_t i = 0; i < fronts.size(); ++i) EXPECT_EQ(cut_utf8(text, i), fronts[i]) << i;
  EXPECT_EQ(cut_utf8(text, 100), text);
}

TEST(Utf8, Replaces_what_is_no_character) {
  EXPECT_EQ(to_valid_utf8("a\xFF"
                          "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(to_valid_utf8("€"), "€");
}

TEST(Utf8, Finds_control_characters_of_both_sets) {
  for (const char* text : {"\n", "a\r", "\x7F", "\xC2\x85"}) EXPECT_TRUE(has_control(text));
  EXPECT_TRUE(has_control(std::string_view("\0", 1)));
  for (const char* text : {"", "a é €", "\xC2\xA0"}) EXPECT_FALSE(has_control(text));
}

TEST(Suggest, Finds_the_nearest_word) {
  constexpr std::array<std::string_view, 4> known = {"host", "port", "security", "username"};
  EXPECT_EQ(nearest("hots", known), "host");
  EXPECT_EQ(nearest("securty", known), "security");
  EXPECT_EQ(nearest("UserName", known), "username");
  EXPECT_EQ(nearest("user_name", known), "username");
}

TEST(Suggest, Finds_nothing_far_away) {
  constexpr std::array<std::string_view, 3> known = {"host", "port", "to"};
  EXPECT_FALSE(nearest("zzzz", known));
  EXPECT_FALSE(nearest("xy", known));
  EXPECT_FALSE(nearest(std::string(65, 'h'), known));
  EXPECT_EQ(did_you_mean("zzzz", known), "");
}

}  // namespace
}  // namespace postern
