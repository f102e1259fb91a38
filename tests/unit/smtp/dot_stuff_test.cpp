#include "smtp/dot_stuff.hpp"

#include "smtp/error.hpp"

#include <gtest/gtest.h>

#include <random>

namespace postern::smtp {
namespace {

std::string stuffed(std::string_view message, std::size_t piece = std::string_view::npos) {
  DotStuffer stuffer;
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += std::min(piece, message.size())) {
    EXPECT_TRUE(stuffer.push(message.substr(at, piece), out));
  }
  stuffer.finish(out);
  return out;
}

/// What a receiver makes of it. RFC 5321 §4.5.2.
std::string unstuffed(std::string_view wire) {
  std::string out;
  for (;;) {
    const auto end = wire.find("\r\n");
    if (end == std::string_view::npos) return "no end";
    std::string_view line = wire.substr(0, end);
    wire.remove_prefix(end + 2);
    if (line == ".") return wire.empty() ? out : "bytes behind the end";
    if (line.starts_with('.')) line.remove_prefix(1);
    out += std::string(line) + "\r\n";
  }
}

/// Each of CRLF, CR and LF becomes CRLF; an unfinished last line gets one. By the book, slowly.
std::string normalised(std::string_view message) {
  std::string out;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool crlf = message.substr(i, 2) == "\r\n";
    if (message[i] != '\r' && message[i] != '\n') {
      out += message[i];
      continue;
    }
    out += "\r\n";
    if (crlf) ++i;
  }
  if (!out.empty() && !out.ends_with("\r\n")) out += "\r\n";
  return out;
}

TEST(DotStuff, Ends_every_message_with_the_dot_on_its_own_line) {
  EXPECT_EQ(stuffed("a\r\nb\r\n"), "a\r\nb\r\n.\r\n");
  EXPECT_EQ(stuffed("a"), "a\r\n.\r\n");
  EXPECT_EQ(stuffed(""), ".\r\n");
}

TEST(DotStuff, Doubles_dots_at_the_start_of_a_line) {
  EXPECT_EQ(stuffed(".a\r\n.\r\n..\r\nb.c\r\n"), "..a\r\n..\r\n...\r\nb.c\r\n.\r\n");
}

TEST(DotStuff, Makes_crlf_of_a_bare_cr_and_a_bare_lf) {
  EXPECT_EQ(stuffed("a\nb\rc\r\n"), "a\r\nb\r\nc\r\n.\r\n");
  EXPECT_EQ(stuffed("a\r\r\nb\n\rc"), "a\r\n\r\nb\r\n\r\nc\r\n.\r\n");
  EXPECT_EQ(stuffed("a\r"), "a\r\n.\r\n");
}

TEST(DotStuff, Leaves_no_room_for_smuggling) {
  for (const char* end :
       {"\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\n.\r\n"}) {
    const std::string wire = stuffed("a" + std::string(end) + "MAIL FROM:<x@y>\r\n");

    EXPECT_EQ(wire.find("\r\n.\r\n"), wire.size() - 5);
    for (std::size_t i = 0; i < wire.size(); ++i) {
      if (wire[i] == '\r') EXPECT_EQ(wire.substr(i, 2), "\r\n");
      if (wire[i] == '\n') EXPECT_EQ(wire.substr(i - 1, 2), "\r\n");
    }
  }
}

TEST(DotStuff, Refuses_a_nul) {
  DotStuffer stuffer;
  std::string out;

  auto pushed = stuffer.push(std::string_view("a\0b", 3), out);

  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().code, errc::nul_in_message);
  EXPECT_EQ(out, "");
}

TEST(DotStuff, Starts_anew_after_the_end) {
  DotStuffer stuffer;
  std::string out;
  ASSERT_TRUE(stuffer.push("a\r", out));
  stuffer.finish(out);
  out.clear();

  ASSERT_TRUE(stuffer.push("\n.b", out));
  stuffer.finish(out);

  EXPECT_EQ(out, "\r\n..b\r\n.\r\n");
}

TEST(DotStuff, Gives_a_receiver_the_normalised_message_however_it_is_split) {
  std::mt19937 random(5321);
  constexpr std::string_view alphabet = "\r\n.ab\r\n";
  for (int round = 0; round < 3000; ++round) {
    std::string message;
    const std::size_t length = random() % 24;
    for (std::size_t i = 0; i < length; ++i) message += alphabet[random() % alphabet.size()];

    const std::string wire = stuffed(message);

    ASSERT_EQ(unstuffed(wire), normalised(message)) << testing::PrintToString(message);
    for (const std::size_t piece : {1, 2, 3, 5}) ASSERT_EQ(stuffed(message, piece), wire);
  }
}

}  // namespace
}  // namespace postern::smtp
