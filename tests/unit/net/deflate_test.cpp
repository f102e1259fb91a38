#include "net/deflate.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern::net {
namespace {

// All that comes out of `compressed`, given in chunks and taken in chunks; or the error.
Result<std::string> inflated(std::string_view compressed, std::size_t in_chunk,
                             std::size_t out_chunk, InflateLimits limits = {}) {
  Inflater inflater(limits);
  std::string plain, room(out_chunk, '\0');
  while (!compressed.empty()) {
    auto chunk = compressed.substr(0, in_chunk);
    compressed.remove_prefix(chunk.size());
    for (;;) {
      POSTERN_TRY(const auto count, inflater.inflate(chunk, room));
      plain.append(room, 0, count);
      if (count == 0 && chunk.empty()) break;
    }
  }
  return plain;
}

TEST(Deflate, Gives_back_what_was_packed_however_it_is_split) {
  Deflater deflater;
  std::string plain, packed;
  for (int i = 0; i < 300; ++i) {
    const auto line = "A" + std::to_string(i) + " UID FETCH " + std::to_string(i * i) + "\r\n";
    plain += line;
    packed += deflater.deflate(line);
  }

  for (const std::size_t in_chunk : {1, 7, 100000}) {
    for (const std::size_t out_chunk : {1, 16, 100000}) {
      const auto result = inflated(packed, in_chunk, out_chunk);
      ASSERT_TRUE(result) << in_chunk << ' ' << out_chunk;
      EXPECT_EQ(result.value(), plain) << in_chunk << ' ' << out_chunk;
    }
  }
}

TEST(Deflate, Sends_every_call_whole) {
  Deflater deflater;
  Inflater inflater({});
  std::array<char, 100> room{};

  for (const std::string_view line : {"A1 NOOP\r\n", "DONE\r\n", "A1 NOOP\r\n"}) {
    const auto packed = deflater.deflate(line);
    std::string_view rest = packed;
    const auto count = inflater.inflate(rest, room);

    ASSERT_TRUE(count);
    EXPECT_EQ(std::string_view(room.data(), count.value()), line);
  }
  EXPECT_EQ(deflater.deflate(""), "");
}

TEST(Deflate, Packs_a_body_of_many_buffers) {
  Deflater deflater;
  std::string body;
  for (std::uint32_t i = 0, x = 1; i < 200000; ++i) {
    x = x * 1664525 + 1013904223;
    body += static_cast<char>(x >> 24U);
  }

  const auto result = inflated(deflater.deflate(body), 4096, 16384);

  ASSERT_TRUE(result);
  EXPECT_EQ(result.value(), body);
}

TEST(Inflate, Ends_a_bomb_and_lets_an_honest_mail_of_zeros_pass) {
  Deflater deflater;
  const auto zeros = deflater.deflate(std::string(8 * 1024 * 1024, '\0'));
  const InflateLimits narrow{100, 4 * 1024 * 1024}, wide{100, 8 * 1024 * 1024};

  const auto bomb = inflated(zeros, 4096, 16384, narrow);
  const auto mail = inflated(zeros, 4096, 16384, wide);

  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, errc::inflate_limit);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail.value().size(), 8U * 1024 * 1024);
}

TEST(Inflate, Forgives_a_burst_when_ordinary_bytes_have_come_since) {
  Deflater deflater;
  std::string packed, text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919) + ' ';
  const std::string zeros(1024 * 1024, '\0');
  const InflateLimits limits{100, 1200 * 1024};

  packed = deflater.deflate(zeros);
  EXPECT_FALSE(inflated(packed + deflater.deflate(zeros), 4096, 16384, limits));

  Deflater again;
  packed = again.deflate(zeros);
  packed += again.deflate(text);
  packed += again.deflate(zeros);
  EXPECT_TRUE(inflated(packed, 4096, 16384, limits));
}

TEST(Inflate, Refuses_what_is_no_deflate_and_what_ends) {
  const std::string_view end("\x03\x00", 2);  // an empty last block

  const auto junk = inflated("\xff\xff\xff\xff", 1, 10);
  const auto ended = inflated(end, 2, 10);

  ASSERT_FALSE(junk);
  EXPECT_EQ(junk.error().code, errc::inflate_malformed);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, errc::inflate_malformed);
}

}  // namespace
}  // namespace postern::net
