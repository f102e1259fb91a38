// What DotStuffer wrote, taken apart again; and everything that is not the end of a message.
#include "smtp/dot_unstuff.hpp"

#include "smtp/dot_stuff.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

struct Taken {
  std::string message, rest;
  bool ended = false;
  BodyFault fault = BodyFault::none;
};

Taken take(std::string_view input, std::size_t at_once) {
  DotUnstuffer unstuffer;
  Taken taken;
  while (!input.empty() && !taken.ended) {
    auto piece = input.substr(0, at_once);
    const auto size = piece.size();
    taken.ended = unstuffer.take(piece, taken.message);
    input.remove_prefix(size - piece.size());
  }
  taken.rest = input;
  taken.fault = unstuffer.fault();
  return taken;
}

TEST(DotUnstuffer, Gives_back_what_the_stuffer_was_given_in_pieces_of_any_size) {
  for (const std::string message :
       {"", ".\r\n", "..\r\n.x\r\n", "a\r\n.\r\nb\r\n", "no dots\r\n", "\r\n\r\n.\r\n\r\n"}) {
    DotStuffer stuffer;
    std::string wire;
    ASSERT_TRUE(stuffer.push(message, wire));
    stuffer.finish(wire);
    for (const std::size_t at_once : {1U, 2U, 3U, 1000U}) {
      const auto taken = take(wire + "QUIT\r\n", at_once);

      EXPECT_TRUE(taken.ended);
      EXPECT_EQ(taken.message, message);
      EXPECT_EQ(taken.rest, "QUIT\r\n");
      EXPECT_EQ(taken.fault, BodyFault::none);
    }
  }
}

TEST(DotUnstuffer, Ends_at_nothing_but_crlf_dot_crlf_and_blames_what_looks_like_it) {
  const std::pair<std::string, BodyFault> cases[] = {
      {"a\n.\nb", BodyFault::bare_line_feed},
      {"a\n.\r\nb", BodyFault::bare_line_feed},
      {"a\r\n.\nb", BodyFault::bare_line_feed},
      {"a\r.\r\nb", BodyFault::bare_carriage_return},
      {"a\r\n.\rb", BodyFault::bare_carriage_return},
      {"a\r\n.\r\r\nb", BodyFault::bare_carriage_return},
      {".\n", BodyFault::bare_line_feed},
      {std::string("a\0b", 3), BodyFault::nul},
      {std::string("\r\n.\0\r\n", 6), BodyFault::nul},
  };
  for (const auto& [wire, fault] : cases) {
    for (const std::size_t at_once : {1U, 2U, 1000U}) {
      const auto taken = take(wire, at_once);

      EXPECT_FALSE(taken.ended) << testing::PrintToString(wire);
      EXPECT_EQ(taken.fault, fault) << testing::PrintToString(wire);
    }
  }
}

}  // namespace
}  // namespace postern::smtp
