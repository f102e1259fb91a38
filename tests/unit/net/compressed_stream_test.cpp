// Streams compressed both ways, over the lines of a simulated world.
#include "net/compressed_stream.hpp"

#include "net/deflate.hpp"
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern::net {
namespace {

using namespace std::chrono_literals;
using sim::World;

constexpr std::string_view empty_block("\x00\x00\x00\xff\xff", 5);  // RFC 1951 §3.2.4: says nothing

Task<Result<std::string>> read_text(Stream& stream, std::size_t size, Duration limit) {
  std::string text;
  std::array<char, 100> buffer{};
  while (text.size() < size) {
    POSTERN_CO_TRY(const auto count, co_await stream.read_some(buffer, limit));
    text.append(buffer.data(), count);
  }
  co_return text;
}

Task<std::unique_ptr<Stream>> call(World& world) {
  Endpoint endpoint{"peer.test", 143};
  co_return (co_await world.connect(std::move(endpoint), 30s)).value();
}

/// Says `raw` as it is, once and then every second.
sim::ServerPart says(std::string raw, bool again = false) {
  return [raw = std::move(raw), again](std::unique_ptr<Stream> stream) -> Task<void> {
    return [](std::unique_ptr<Stream> line, std::string words, bool repeats) -> Task<void> {
      for (;;) {
        const auto said = co_await line->write_all(words, 1min);
        if (!said || !repeats) break;
        std::array<char, 1> nothing{};
        const auto heard = co_await line->read_some(nothing, 1s);
        if (!heard && heard.error().code != errc::timeout) co_return;
      }
      std::array<char, 1> nothing{};
      (void)co_await line->read_some(nothing, 24h);
    }(std::move(stream), raw, again);
  };
}

/// Says back, compressed, what it hears.
sim::ServerPart echoes(World& world) {
  return [&world](std::unique_ptr<Stream> stream) -> Task<void> {
    return [](std::unique_ptr<Stream> line) -> Task<void> {
      std::array<char, 1000> buffer{};
      for (;;) {
        const auto count = co_await line->read_some(buffer, 1h);
        if (!count) co_return;
        const std::string_view heard(buffer.data(), count.value());
        const auto said = co_await line->write_all(heard, 1min);
        if (!said) co_return;
      }
    }(compressed(std::move(stream), world, {}));
  };
}

TEST(CompressedStream, Tells_both_ways_what_was_said_however_the_line_splits_it) {
  World world(1);
  sim::Faults faults;
  faults.split_reads = true;
  world.set_faults(faults);
  world.serve("peer.test", echoes(world));
  auto stream = compressed(world.run(call(world)), world, {});

  std::string said;
  for (int i = 0; i < 2000; ++i) said += "line " + std::to_string(i * i) + "\r\n";
  ASSERT_TRUE(world.run(stream->write_all(said, 1min)));

  EXPECT_EQ(world.run(read_text(*stream, said.size(), 1min)).value(), said);
}

TEST(CompressedStream, Begins_with_what_was_read_before_it_was_made) {
  World world(2);
  Deflater server;
  const auto first = server.deflate("* OK first\r\n");
  world.serve("peer.test", says(server.deflate("* OK second\r\n")));
  auto stream = compressed(world.run(call(world)), world, first);

  EXPECT_EQ(world.run(read_text(*stream, 25, 1min)).value(), "* OK first\r\n* OK second\r\n");
}

TEST(CompressedStream, Holds_the_limit_of_a_read_while_bytes_come_that_tell_nothing) {
  World world(3);
  world.serve("peer.test", says(std::string(empty_block), true));
  auto stream = compressed(world.run(call(world)), world, {});
  const auto begun = world.steady();

  const auto read = world.run(read_text(*stream, 1, 10s));

  EXPECT_EQ(read.error().code, errc::timeout);
  EXPECT_GE(world.steady() - begun, 10s);
  EXPECT_LE(world.steady() - begun, 11s);
}

TEST(CompressedStream, Asks_once_with_a_limit_of_nothing) {
  World world(4);
  Deflater server;
  world.serve("peer.test", says(std::string(empty_block) + server.deflate("hello")));
  auto stream = compressed(world.run(call(world)), world, {});
  world.run_for(1s);

  EXPECT_EQ(world.run(read_text(*stream, 5, 0s)).value(), "hello");
  EXPECT_EQ(world.run(read_text(*stream, 1, 0s)).error().code, errc::timeout);
}

TEST(CompressedStream, Ends_for_good_at_bytes_that_are_not_deflate) {
  World world(5);
  world.serve("peer.test", says("* OK in plain\r\n"));
  auto stream = compressed(world.run(call(world)), world, {});

  EXPECT_EQ(world.run(read_text(*stream, 100, 1min)).error().code, errc::inflate_malformed);
  EXPECT_EQ(world.run(read_text(*stream, 100, 1min)).error().code, errc::inflate_malformed);
}

TEST(CompressedStream, Stops_a_bomb_at_its_limits) {
  World world(6);
  Deflater bomber;
  world.serve("peer.test", says(bomber.deflate(std::string(4'000'000, '0'))));
  InflateLimits limits;
  limits.ratio_max = 100;
  limits.burst_bytes_max = 1'000'000;
  auto stream = compressed(world.run(call(world)), world, {}, limits);

  EXPECT_EQ(world.run(read_text(*stream, 4'000'000, 1min)).error().code, errc::inflate_limit);
}

Task<void> keep_read(Stream& stream, std::optional<Result<std::string>>& read) {
  read = co_await read_text(stream, 1, 24h);
}

TEST(CompressedStream, Ends_the_read_that_waits) {
  World world(7);
  world.serve("peer.test", says(std::string(empty_block)));
  auto stream = compressed(world.run(call(world)), world, {});
  std::optional<Result<std::string>> read;
  world.spawn(keep_read(*stream, read));
  world.run_for(1min);
  ASSERT_FALSE(read);

  stream->end_read();
  world.run_for(1s);

  ASSERT_TRUE(read);
  EXPECT_EQ(read->error().code, errc::timeout);
}

}  // namespace
}  // namespace postern::net
