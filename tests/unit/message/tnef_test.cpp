// TNEF taken apart: cut at every octet, and with lengths that lie.
#include "message/tnef.hpp"

#include "core/utf8.hpp"

#include <gtest/gtest.h>

#include <random>

namespace postern::message {
namespace {

std::string number(std::uint32_t value, int octets) {
  std::string out;
  for (int i = 0; i < octets; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  return out;
}

std::string attribute(std::uint32_t id, const std::string& data) {
  return number(2, 1) + number(id, 4) + number(static_cast<std::uint32_t>(data.size()), 4) + data +
         number(0, 2);
}

const std::string head = number(0x223E9F78, 4) + number(1, 2);

std::string file(const std::string& name, const std::string& content) {
  return attribute(0x00069002, "") + attribute(0x00018010, name + '\0') +
         attribute(0x0006800F, content);
}

Tnef read(std::string_view bytes) {
  CharsetDecoder charsets;
  return read_tnef(bytes, charsets);
}

TEST(Tnef, Gives_its_files_in_their_order) {
  const auto tnef = read(head + file("a.txt", "one") + file("b.txt", "two"));

  EXPECT_FALSE(tnef.broken);
  ASSERT_EQ(2u, tnef.files.size());
  EXPECT_EQ("a.txt", tnef.files[0].filename);
  EXPECT_EQ("two", tnef.files[1].content);
  EXPECT_EQ("application/octet-stream", tnef.files[1].content_type);
}

TEST(Tnef, Cut_anywhere_gives_what_is_whole_before) {
  const auto whole = head + file("a.txt", "one") + file("b.txt", "two");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto tnef = read(std::string_view(whole).substr(0, size));
    EXPECT_LE(tnef.files.size(), 2u) << size;
    for (const auto& each : tnef.files) {
      const bool known = each.content.empty() || each.content == "one" || each.content == "two";
      EXPECT_TRUE(known) << size;
    }
    const bool between = size == head.size() || size == head.size() + file("a.txt", "one").size();
    if (between) EXPECT_FALSE(tnef.broken) << size;
  }
}

TEST(Tnef, A_length_that_lies_ends_it) {
  auto lies = head + file("a.txt", "one");
  lies += number(2, 1) + number(0x0006800F, 4) + number(0xFFFFFFFF, 4) + "x";
  EXPECT_TRUE(read(lies).broken);
  EXPECT_EQ(1u, read(lies).files.size());
  const auto properties = number(0xFFFFFFFF, 4) + number(0x001F, 2) + number(0x3707, 2) +
                          number(0xFFFFFFFF, 4) + number(0xFFFFFFFF, 4);
  const auto tnef = read(head + file("a.txt", "one") + attribute(0x00069005, properties));
  EXPECT_FALSE(tnef.broken);
  EXPECT_EQ("a.txt", tnef.files.at(0).filename);
}

TEST(Tnef, Lists_no_more_files_than_the_limit) {
  std::string many = head;
  for (std::size_t i = 0; i <= tnef_files_max; ++i) many += file("a", "b");

  const auto tnef = read(many);

  EXPECT_TRUE(tnef.broken);
  EXPECT_EQ(tnef_files_max, tnef.files.size());
}

TEST(Tnef, Whatever_the_bytes_its_words_are_utf8_and_it_holds_no_more_than_there_was) {
  std::mt19937_64 chance(7);
  const auto whole = head + file("a.txt", "one") + file("b\xFF.txt", std::string(100, 'x'));
  for (int i = 0; i < 20000; ++i) {
    auto bytes = whole;
    for (int n = 0; n < 3; ++n) {
      bytes[6 + chance() % (bytes.size() - 6)] = static_cast<char>(chance() % 256);
    }
    std::size_t held = 0;
    for (const auto& each : read(bytes).files) {
      held += each.content.size();
      EXPECT_TRUE(valid_utf8(each.filename) && valid_utf8(each.content_id));
    }
    EXPECT_LE(held, bytes.size());
  }
}

}  // namespace
}  // namespace postern::message
