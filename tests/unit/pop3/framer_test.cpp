#include "pop3/framer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace postern::pop3 {
namespace {

TEST(Framer, Gives_a_line_when_it_is_whole) {
  Framer framer;
  framer.receive("+OK o");
  EXPECT_FALSE(framer.line().value());
  framer.receive("ne\r\n+OK two\n");

  EXPECT_EQ(*framer.line().value(), "+OK one");
  EXPECT_EQ(*framer.line().value(), "+OK two");
  EXPECT_FALSE(framer.has_unread());
}

TEST(Framer, Takes_a_line_of_8_kib_and_none_longer) {
  Framer framer;
  framer.receive(std::string(Framer::line_bytes_max, 'x') + "\n");
  EXPECT_EQ(framer.line().value()->size(), Framer::line_bytes_max);

  framer.receive(std::string(Framer::line_bytes_max + 1, 'x'));
  EXPECT_EQ(framer.line().error().code, errc::line_too_long);
}

TEST(Framer, Refuses_a_nul_in_a_line) {
  Framer framer;
  framer.receive(std::string_view("a\0b", 3));

  EXPECT_EQ(framer.line().error().code, errc::malformed);
}

/// The mail in `bytes`, received in pieces of `piece` octets, and what is left behind it.
std::string mail_of(std::string_view bytes, std::size_t piece, std::string* left = nullptr) {
  Framer framer;
  std::string mail;
  bool over = false;
  framer.begin_mail();
  while (!bytes.empty() && !over) {
    framer.receive(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (auto next = framer.mail()) {
      mail += next->bytes;
      over = next->last;
      if (over) break;
    }
  }
  EXPECT_TRUE(over);
  if (left != nullptr) *left = std::string(framer.unread()) + std::string(bytes);
  return mail;
}

TEST(Framer, Unstuffs_the_same_whatever_the_pieces) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {".\r\n", ""},
      {"a\r\n.\r\n", "a\r\n"},
      {"..\r\n.\r\n", ".\r\n"},
      {".a\r\n.\r\n", "a\r\n"},
      {".\rx\r\n.\r\n", "\rx\r\n"},
      {".\r\r\n.\r\n", "\r\r\n"},
      {".\n.\r\n\r\n.\r\n", "\n.\r\n\r\n"},
      {"a\n.\nb\r\n.\r\n", "a\n.\nb\r\n"},
      {"a\r.\r\n\r\n.\r\n", "a\r.\r\n\r\n"},
      {"\r\r\n.\r\n", "\r\r\n"},
      {"\r\n\r\n.\r\n", "\r\n\r\n"},
  };
  for (const auto& [wire, mail] : cases) {
    for (const std::size_t piece : {1, 2, 3, 100}) {
      std::string left;
      EXPECT_EQ(mail_of(wire + "+OK", piece, &left), mail) << wire << " by " << piece;
      EXPECT_EQ(left, "+OK") << wire << " by " << piece;
    }
  }
}

TEST(Framer, Passes_a_large_mail_through_without_keeping_it) {
  Framer framer;
  framer.begin_mail();
  const std::string line = std::string(70, 'x') + "\r\n";
  std::size_t told = 0;
  for (int i = 0; i < 100000; ++i) {
    framer.receive(line);
    while (auto piece = framer.mail()) told += piece->bytes.size();
    ASSERT_LT(framer.unread().size(), line.size());
  }
  EXPECT_EQ(told, 100000 * line.size());
}

}  // namespace
}  // namespace postern::pop3
