// Plain connections over loopback.
#include "net/real_env.hpp"
#include "unit/net/loopback.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <future>

namespace postern::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::run;
using testing::Server;

constexpr Duration plenty = 20s;

std::unique_ptr<Env> make_env(std::vector<std::string> deny = {}) {
  RealEnvOptions options;
  options.egress_deny = std::move(deny);
  return make_real_env(std::move(options)).value();
}

struct Local : ::testing::Test {
  std::unique_ptr<Env> env = make_env();
  asio::io_context io;

  std::unique_ptr<Stream> connect(const Server& server) {
    Endpoint endpoint{"127.0.0.1", server.port()};
    return run(io, env->connect(std::move(endpoint), plenty)).value();
  }
};

Task<Result<std::string>> read_text(Stream& stream, Duration limit) {
  std::array<char, 64> buffer{};
  POSTERN_CO_TRY(const auto count, co_await stream.read_some(buffer, limit));
  co_return std::string(buffer.data(), count);
}

TEST_F(Local, Reads_what_the_server_says_and_writes_what_it_hears) {
  std::promise<std::string> heard;
  Server server([&](int fd) {
    testing::send_all(fd, "hello");
    heard.set_value(testing::receive_all(fd));
  });
  auto stream = connect(server);

  EXPECT_EQ(run(io, read_text(*stream, plenty)).value(), "hello");
  EXPECT_TRUE(run(io, stream->write_all("good day", plenty)));
  stream->close();

  EXPECT_EQ(heard.get_future().get(), "good day");
  EXPECT_EQ(stream->peer_address(), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_FALSE(stream->tls_facts());
}

TEST_F(Local, Localhost_is_known_without_a_name_server) {
  Server server([](int fd) { testing::send_all(fd, "hello"); });
  Endpoint endpoint{"localhost", server.port()};

  auto stream = run(io, env->connect(std::move(endpoint), plenty));

  ASSERT_TRUE(stream) << describe(stream.error());
}

TEST_F(Local, A_silent_peer_is_given_up_at_the_limit) {
  Server server(testing::wait_for_end);
  auto stream = connect(server);
  const auto begin = env->steady();

  const auto result = run(io, read_text(*stream, 60ms));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, errc::timeout);
  EXPECT_GE(env->steady() - begin, 60ms);
  EXPECT_LT(env->steady() - begin, 5s);
}

TEST_F(Local, A_limit_of_nothing_asks_without_waiting) {
  Server server(testing::wait_for_end);
  auto stream = connect(server);

  EXPECT_EQ(run(io, read_text(*stream, Duration(0))).error().code, errc::timeout);
}

TEST_F(Local, A_shorter_limit_after_a_longer_one_holds) {
  Server server([](int fd) {
    testing::send_all(fd, "x");
    testing::wait_for_end(fd);
  });
  auto stream = connect(server);
  ASSERT_TRUE(run(io, read_text(*stream, plenty)));
  const auto begin = env->steady();

  EXPECT_EQ(run(io, read_text(*stream, 30ms)).error().code, errc::timeout);
  EXPECT_EQ(run(io, read_text(*stream, 30ms)).error().code, errc::timeout);

  EXPECT_LT(env->steady() - begin, 5s);
}

TEST_F(Local, Tells_a_clean_end_from_a_broken_line) {
  Server ends([](int) {});
  Server breaks([](int fd) {
    char byte = 0;
    recv(fd, &byte, 1, 0);
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  });
  auto ended = connect(ends);
  auto broken = connect(breaks);
  ASSERT_TRUE(run(io, broken->write_all("x", plenty)));

  EXPECT_EQ(run(io, read_text(*ended, plenty)).error().code, errc::closed);
  EXPECT_EQ(run(io, read_text(*broken, plenty)).error().code, errc::reset);
}

TEST_F(Local, A_half_closed_peer_still_hears_us) {
  std::promise<std::string> heard;
  Server server([&](int fd) {
    shutdown(fd, SHUT_WR);
    heard.set_value(testing::receive_all(fd));
  });
  auto stream = connect(server);
  ASSERT_EQ(run(io, read_text(*stream, plenty)).error().code, errc::closed);

  ASSERT_TRUE(run(io, stream->write_all("still here", plenty)));
  stream->close();

  EXPECT_EQ(heard.get_future().get(), "still here");
}

Task<void> write_into(Stream& stream, std::string_view bytes, Result<void>& result) {
  result = co_await stream.write_all(bytes, plenty);
}

TEST_F(Local, A_large_write_passes_through_a_reader_that_comes_late) {
  std::promise<void> starts_reading;
  std::promise<std::size_t> heard;
  Server server([&](int fd) {
    starts_reading.get_future().wait();
    heard.set_value(testing::receive_all(fd).size());
  });
  auto stream = connect(server);
  const std::string large(16 << 20, 'x');
  Scope scope(io.get_executor());
  Result<void> result = Error{errc::timeout, "not yet"};
  scope.spawn(write_into(*stream, large, result));

  io.poll();  // fills the socket's buffers
  starts_reading.set_value();
  testing::finish(scope, io);
  stream->close();

  EXPECT_TRUE(result);

  EXPECT_EQ(heard.get_future().get(), large.size());
}

TEST_F(Local, A_write_that_nobody_reads_ends_at_the_limit) {
  std::promise<void> done;
  Server server([&](int) { done.get_future().wait(); });
  auto stream = connect(server);
  const std::string large(64 << 20, 'x');

  EXPECT_EQ(run(io, stream->write_all(large, 100ms)).error().code, errc::timeout);
  done.set_value();
}

TEST_F(Local, Writing_to_a_peer_that_hung_up_is_an_error_and_not_our_end) {
  Server server([](int) {});
  auto stream = connect(server);
  ASSERT_EQ(run(io, read_text(*stream, plenty)).error().code, errc::closed);

  Result<void> result = success();
  for (int i = 0; i < 1000 && result; ++i) result = run(io, stream->write_all("more", plenty));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, errc::reset);
}

TEST_F(Local, A_closed_stream_answers_closed) {
  Server server(testing::wait_for_end);
  auto stream = connect(server);
  stream->close();

  EXPECT_EQ(run(io, read_text(*stream, plenty)).error().code, errc::closed);
  EXPECT_EQ(run(io, stream->write_all("x", plenty)).error().code, errc::closed);
}

Task<void> read_into(Stream& stream, std::string& journal) {
  const auto text = co_await read_text(stream, plenty);
  journal += text ? "read " + text.value() : describe(text.error());
}

Task<void> write_then(Stream& stream, Scope& to_stop) {
  const auto sent = co_await stream.write_all("question", plenty);
  EXPECT_TRUE(sent);
  to_stop.stop();
}

TEST_F(Local, A_cancelled_read_loses_nothing) {
  std::promise<void> go;
  Server server([&](int fd) {
    go.get_future().wait();
    testing::send_all(fd, "answer");
    testing::wait_for_end(fd);
  });
  auto stream = connect(server);
  std::string journal;
  Scope reader(io.get_executor());
  Scope stopper(io.get_executor());
  reader.spawn(read_into(*stream, journal));
  stopper.spawn(write_then(*stream, reader));

  testing::finish(reader, io);
  go.set_value();

  EXPECT_EQ(journal, "");
  EXPECT_EQ(run(io, read_text(*stream, plenty)).value(), "answer");
}

Task<void> end_read_of(Stream& stream) {
  stream.end_read();
  co_return;
}

TEST_F(Local, A_read_that_waits_can_be_ended_and_loses_nothing) {
  std::promise<void> go;
  Server server([&](int fd) {
    go.get_future().wait();
    testing::send_all(fd, "answer");
    testing::wait_for_end(fd);
  });
  auto stream = connect(server);
  stream->end_read();  // nobody reads: nothing happens
  std::string journal;
  Scope scope(io.get_executor());
  scope.spawn(read_into(*stream, journal));
  scope.spawn(end_read_of(*stream));

  testing::finish(scope, io);
  go.set_value();

  EXPECT_FALSE(journal.empty());
  EXPECT_FALSE(journal.starts_with("read"));
  EXPECT_EQ(run(io, read_text(*stream, plenty)).value(), "answer");
}

TEST_F(Local, A_reader_and_a_writer_may_wait_at_the_same_time) {
  Server server([](int fd) {
    std::array<char, 8> question{};
    recv(fd, question.data(), question.size(), MSG_WAITALL);
    testing::send_all(fd, "answer");
    testing::wait_for_end(fd);
  });
  auto stream = connect(server);
  std::string journal;
  Scope scope(io.get_executor());
  Scope nobody(io.get_executor());
  scope.spawn(read_into(*stream, journal));
  scope.spawn(write_then(*stream, nobody));

  testing::finish(scope, io);

  EXPECT_EQ(journal, "read answer");
}

TEST_F(Local, A_port_nobody_listens_on_is_refused) {
  std::uint16_t port = 0;
  {
    const Server gone([](int) {});
    port = gone.port();
  }
  Endpoint endpoint{"127.0.0.1", port};

  const auto stream = run(io, env->connect(std::move(endpoint), plenty));

  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, errc::refused);
  EXPECT_NE(stream.error().detail.find("127.0.0.1:"), std::string::npos);
}

TEST_F(Local, A_denied_address_is_not_connected_to_under_any_of_its_names) {
  Server server([](int) {});
  const auto strict = make_env({"127.0.0.0/8", "::1"});

  for (const char* host : {"127.0.0.1", "localhost", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]",
                           "0.0.0.0", "127.9.9.9", "::1"}) {
    Endpoint endpoint{host, server.port()};
    const auto stream = run(io, strict->connect(std::move(endpoint), plenty));
    ASSERT_FALSE(stream) << host;
    EXPECT_EQ(stream.error().code, errc::egress_denied) << host;
  }
  EXPECT_EQ(server.connections(), 0);
}

Task<void> wait_an_hour(Timer& timer, bool& passed) {
  passed = co_await timer.wait(1h);
}

TEST_F(Local, A_timer_tells_whether_it_passed_or_was_cancelled) {
  const auto timer = env->make_timer(io.get_executor());

  EXPECT_TRUE(run(io, timer->wait(1ms)));
  bool passed = true;
  Scope scope(io.get_executor());
  scope.spawn(wait_an_hour(*timer, passed));
  io.restart();
  io.poll();
  timer->cancel();
  io.run();

  EXPECT_FALSE(passed);
}

}  // namespace
}  // namespace postern::net
