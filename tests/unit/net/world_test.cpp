// The simulated world keeps its own promises: one seed, one journal; no time but the virtual one.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <array>

#include "net/wake.hpp"

namespace postern::sim {
namespace {

using namespace std::chrono_literals;
using net::errc;
using net::Stream;
using net::Task;

Task<Result<std::string>> read_text(Stream& stream, Duration limit) {
  std::array<char, 64> buffer{};
  POSTERN_CO_TRY(const auto count, co_await stream.read_some(buffer, limit));
  co_return std::string(buffer.data(), count);
}

// Says back what it hears, piece by piece.
Task<void> echo(std::unique_ptr<Stream> stream) {
  for (;;) {
    const auto text = co_await read_text(*stream, 1h);
    if (!text) co_return;
    const auto sent = co_await stream->write_all(text.value(), 1min);
    if (!sent) co_return;
  }
}

Task<Result<std::string>> ask(World& world, std::string question) {
  net::Endpoint endpoint{"echo.test", 7};
  POSTERN_CO_TRY(auto stream, co_await world.connect(std::move(endpoint), 30s));
  POSTERN_CO_TRY(co_await stream->write_all(question, 30s));
  std::string answer;
  while (answer.size() < question.size()) {
    POSTERN_CO_TRY(const auto piece, co_await read_text(*stream, 30s));
    answer += piece;
  }
  co_return answer;
}

Task<void> ask_for_ever(World& world) {
  for (;;) {
    const auto answer = co_await ask(world, "question");
    world.note(answer ? answer.value() : answer.error().code.message());
    co_await net::sleep_for(world, Duration(world.random() % 60'000));
  }
}

std::string story(std::uint64_t seed) {
  World world(seed);
  Faults faults;
  faults.refuse = 0.1;
  faults.unreachable = 0.05;
  faults.silence = 0.05;
  faults.cut = 0.05;
  faults.split_reads = true;
  faults.latency_min = 1ms;
  faults.latency_max = 300ms;
  world.set_faults(faults);
  world.serve("echo.test", echo);
  net::Scope scope(world.executor());
  for (int i = 0; i < 3; ++i) scope.spawn(ask_for_ever(world));
  world.run_for(2h);
  scope.stop();
  world.run_for(1s);
  return world.journal();
}

TEST(World, Tells_the_same_story_for_the_same_seed) {
  const auto told = story(7);

  EXPECT_EQ(told, story(7));
  EXPECT_NE(told, story(8));
  for (const char* line : {"question\n", "refused", "in time", "connection broke"}) {
    EXPECT_NE(told.find(line), std::string::npos) << line;
  }
}

Task<void> tick(World& world, Duration step, int& ticks) {
  for (;;) {
    co_await net::sleep_for(world, step);
    ++ticks;
  }
}

TEST(World, Thirty_days_pass_in_no_time) {
  World world(1);
  int ticks = 0;
  net::Scope scope(world.executor());
  scope.spawn(tick(world, 1min, ticks));
  const auto begin = world.now();

  world.run_for(24h * 30);

  EXPECT_EQ(ticks, 30 * 24 * 60);
  EXPECT_EQ(world.now() - begin, 24h * 30);
  scope.stop();
  world.run_for(1s);
  EXPECT_EQ(scope.running(), 0u);
}

TEST(World, A_jump_of_the_wall_clock_moves_no_timer) {
  World world(1);
  int ticks = 0;
  net::Scope scope(world.executor());
  scope.spawn(tick(world, 1h, ticks));

  world.jump_wall_clock(24h * 365);
  world.run_for(90min);
  world.jump_wall_clock(-24h * 730);
  world.run_for(1h);

  EXPECT_EQ(ticks, 2);
  scope.stop();
  world.run_for(1s);
}

TEST(World, Hosts_answer_as_they_are_told) {
  World world(1);
  EXPECT_EQ(world.run(ask(world, "x")).error().code, errc::refused);
  world.serve("echo.test:7", echo);
  EXPECT_EQ(world.run(ask(world, "hello")).value(), "hello");
  world.silence("echo.test");
  EXPECT_EQ(world.run(ask(world, "x")).error().code, errc::timeout);
  world.blackhole("echo.test");
  EXPECT_EQ(world.run(ask(world, "x")).error().code, errc::connect_timeout);
  world.forget_name("echo.test");
  EXPECT_EQ(world.run(ask(world, "x")).error().code, errc::resolve_failed);
  world.mute_name("echo.test");
  EXPECT_EQ(world.run(ask(world, "x")).error().code, errc::resolve_timeout);

  EXPECT_EQ(world.connection_count("echo.test"), 6u);
  EXPECT_EQ(world.connections()[5].failure, errc::resolve_timeout);
  EXPECT_EQ(world.steady(), 90s);
}

Task<void> write_much(std::unique_ptr<Stream> stream, Result<void>& result) {
  const std::string much(line_bytes_max + 1, 'x');
  result = co_await stream->write_all(much, 10s);
}

TEST(World, A_write_nobody_reads_waits_at_the_bound) {
  World world(1);
  Result<void> result = success();
  world.serve("slow.test", [&](std::unique_ptr<Stream> stream) -> Task<void> {
    return write_much(std::move(stream), result);
  });
  net::Endpoint endpoint{"slow.test", 7};
  const auto stream = world.run(world.connect(std::move(endpoint), 10s)).value();

  world.run_for(11s);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, errc::timeout);
}

Task<Result<bool>> shake_hands(World& world, std::string host) {
  net::Endpoint endpoint{host, 993};
  POSTERN_CO_TRY(auto stream, co_await world.connect(std::move(endpoint), 10s));
  POSTERN_CO_TRY(co_await stream->start_tls(host, TlsPolicy{}, 10s));
  POSTERN_CO_TRY(co_await stream->write_all("x", 10s));
  POSTERN_CO_TRY(const auto said, co_await read_text(*stream, 10s));
  co_return said == "encrypted" && stream->tls_facts().has_value();
}

Task<void> tell_whether_encrypted(std::unique_ptr<Stream> stream) {
  const auto heard = co_await read_text(*stream, 10s);
  if (!heard) co_return;
  std::string answer = "plain";
  if (stream->tls_facts()) answer = "encrypted";
  const auto sent = co_await stream->write_all(answer, 10s);
  EXPECT_TRUE(sent);
}

Task<void> talk_too_early(std::unique_ptr<Stream> stream) {
  const auto sent = co_await stream->write_all("* OK early\r\n", 10s);
  EXPECT_TRUE(sent);
  const auto heard = co_await read_text(*stream, 10s);
  EXPECT_FALSE(heard);
}

TEST(World, Both_ends_know_of_tls_and_it_can_fail) {
  World world(1);
  world.serve("imap.test", tell_whether_encrypted);
  world.serve("early.test", talk_too_early);
  Faults faults;
  faults.latency_min = faults.latency_max = 10ms;
  world.set_faults(faults);

  EXPECT_TRUE(world.run(shake_hands(world, "imap.test")).value());
  EXPECT_EQ(world.run(shake_hands(world, "early.test")).error().code, errc::tls_not_spoken);
  world.fail_tls("imap.test", errc::certificate_expired);
  EXPECT_EQ(world.run(shake_hands(world, "imap.test")).error().code, errc::certificate_expired);
  world.silence("imap.test");
  EXPECT_EQ(world.run(shake_hands(world, "imap.test")).error().code, errc::timeout);
}

TEST(World, Can_be_left_with_everything_still_waiting) {
  World world(1);
  world.serve("echo.test", echo);
  net::Endpoint endpoint{"echo.test", 7};
  auto stream = world.run(world.connect(std::move(endpoint), 10s)).value();

  world.run_for(1min);

  EXPECT_TRUE(stream);
}

Task<void> note_wakes(World& world, net::Wake& wake) {
  for (;;) {
    const bool hinted = co_await wake.wait(1min);
    world.note(hinted ? "hint" : "limit");
  }
}

TEST(Wake, Gives_a_hint_at_once_and_several_as_one) {
  World world(1);
  net::Wake wake(world, world.executor());
  net::Scope scope(world.executor());
  scope.spawn(note_wakes(world, wake));
  world.run_for(10s);

  for (int i = 0; i < 3; ++i) wake.notify();
  world.run_for(80s);
  scope.stop();
  world.run_for(1s);

  EXPECT_EQ(world.journal(), "10.000 hint\n70.000 limit\n");
}

TEST(Wake, Remembers_a_hint_that_came_before_the_wait) {
  World world(1);
  net::Wake wake(world, world.executor());
  wake.notify();
  world.run_for(10s);

  EXPECT_TRUE(world.run(wake.wait(1h)));
  EXPECT_FALSE(world.run(wake.wait(1min)));
}

TEST(Wake, Can_be_waited_for_again_after_a_cancelled_wait) {
  World world(1);
  net::Wake wake(world, world.executor());
  net::Scope scope(world.executor());
  scope.spawn(note_wakes(world, wake));
  world.run_for(1s);
  scope.stop();
  world.run_for(1s);

  wake.notify();

  EXPECT_TRUE(world.run(wake.wait(1h)));
}

}  // namespace
}  // namespace postern::sim
