// The worker of these tests is this test program itself, started again with "test-worker" as its
// first argument: it does what the kind of the request says.
#include "net/worker_pool.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "net/env.hpp"
#include "unit/net/loopback.hpp"

namespace postern::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::run;

enum Kind : std::uint8_t { echo = 1, hang, crash, half_a_reply, two_replies, huge_claim, open_fds };

void reply(std::uint8_t kind, const std::string& payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  std::string bytes(1, static_cast<char>(kind));
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(size >> shift & 0xff);
  testing::send_all(3, bytes + payload);
}

void serve_one() {
  std::array<unsigned char, 5> header{};
  if (recv(3, header.data(), header.size(), MSG_WAITALL) != 5) _exit(0);
  std::string payload(header[1] | header[2] << 8 | header[3] << 16, '\0');
  if (!payload.empty()) recv(3, payload.data(), payload.size(), MSG_WAITALL);
  switch (static_cast<Kind>(header[0])) {
    case echo:
      return reply(echo, payload);
    case hang:
      for (;;) pause();
    case crash:
      raise(SIGKILL);
      return;
    case half_a_reply:
      testing::send_all(3, std::string("\x01\x10\0\0\0abc", 8));
      _exit(7);
    case two_replies:
      return testing::send_all(3, std::string("\x01\0\0\0\0\x01\0\0\0\0", 10));
    case huge_claim:
      return testing::send_all(3, "\x01\xff\xff\xff\xff");
    case open_fds: {
      int open = 0;
      for (int fd = 4; fd < 256; ++fd) open += dup2(fd, fd) == fd;
      return reply(open_fds, std::to_string(open));
    }
  }
}

// glibc hands main's arguments to constructors: this one runs before main, in the worker only.
__attribute__((constructor)) void be_the_worker(int argc, char** argv, char** /*environment*/) {
  if (argc < 2 || std::strcmp(argv[1], "test-worker") != 0) return;
  for (;;) serve_one();
}

std::unique_ptr<Workers> make_pool(std::size_t count, WorkerLimits limits = {}) {
  return make_worker_pool({"test_net", "test-worker"}, count, limits);
}

Task<Result<WorkerFrame>> ask(Workers& workers, Kind kind, std::string payload,
                              Duration deadline = 20s) {
  WorkerFrame request;
  request.kind = kind;
  request.payload = std::move(payload);
  co_return co_await workers.ask(std::move(request), deadline);
}

struct Pool : ::testing::Test {
  asio::io_context io;
};

TEST_F(Pool, Brings_the_reply_of_a_worker) {
  const auto pool = make_pool(1);

  const auto frame = run(io, ask(*pool, echo, "hello")).value();

  EXPECT_EQ(frame.kind, echo);
  EXPECT_EQ(frame.payload, "hello");
}

TEST_F(Pool, Moves_payloads_larger_than_any_socket_buffer) {
  const auto pool = make_pool(1);
  const std::string large(8 << 20, 'x');

  EXPECT_EQ(run(io, ask(*pool, echo, large)).value().payload, large);
}

TEST_F(Pool, A_crash_costs_one_request_and_is_told) {
  const auto pool = make_pool(1);

  const auto crashed = run(io, ask(*pool, crash, "x"));
  const auto next = run(io, ask(*pool, echo, "still here"));

  EXPECT_EQ(crashed.error().code, errc::worker_died);
  EXPECT_EQ(crashed.error().detail, "by signal 9");
  EXPECT_EQ(next.value().payload, "still here");
}

TEST_F(Pool, A_reply_broken_off_is_a_death) {
  const auto pool = make_pool(1);

  const auto broken = run(io, ask(*pool, half_a_reply, "x"));

  EXPECT_EQ(broken.error().code, errc::worker_died);
  EXPECT_EQ(broken.error().detail, "with status 7");
  EXPECT_TRUE(run(io, ask(*pool, echo, "x")));
}

TEST_F(Pool, A_worker_that_says_too_much_is_ended) {
  WorkerLimits limits;
  limits.payload_bytes_max = 1000;
  const auto pool = make_pool(1, limits);

  EXPECT_EQ(run(io, ask(*pool, two_replies, "x")).error().code, errc::worker_died);
  EXPECT_EQ(run(io, ask(*pool, huge_claim, "x")).error().code, errc::worker_died);
  EXPECT_EQ(run(io, ask(*pool, echo, std::string(1001, 'x'))).error().code, errc::worker_died);
  EXPECT_TRUE(run(io, ask(*pool, echo, std::string(1000, 'x'))));
}

TEST_F(Pool, A_late_worker_is_ended_and_replaced) {
  const auto pool = make_pool(1);

  const auto late = run(io, ask(*pool, hang, "x", 50ms));
  const auto next = run(io, ask(*pool, echo, "x"));

  EXPECT_EQ(late.error().code, errc::worker_deadline);
  EXPECT_TRUE(next);
}

Task<void> ask_and_note(Workers& workers, Kind kind, Duration deadline, std::string& journal) {
  const auto reply_or_error = co_await ask(workers, kind, "x", deadline);
  journal += reply_or_error ? "answered " : reply_or_error.error().code.message() + " ";
}

TEST_F(Pool, A_request_waits_for_a_free_worker_and_its_deadline_with_it) {
  const auto pool = make_pool(1);
  std::string journal;
  Scope scope(io.get_executor());
  scope.spawn(ask_and_note(*pool, hang, 100ms, journal));
  scope.spawn(ask_and_note(*pool, echo, 20s, journal));

  testing::finish(scope, io);

  EXPECT_EQ(journal, "the worker process passed its deadline answered ");
}

TEST_F(Pool, A_hanging_worker_does_not_hold_up_the_others) {
  const auto pool = make_pool(2);
  std::string journal;
  Scope scope(io.get_executor());
  scope.spawn(ask_and_note(*pool, hang, 1500ms, journal));
  for (int i = 0; i < 3; ++i) scope.spawn(ask_and_note(*pool, echo, 20s, journal));

  testing::finish(scope, io);

  EXPECT_EQ(journal, "answered answered answered the worker process passed its deadline ");
}

TEST_F(Pool, Refuses_more_waiting_requests_than_the_limit) {
  WorkerLimits limits;
  limits.waiting_max = 0;
  const auto pool = make_pool(1, limits);

  EXPECT_EQ(run(io, ask(*pool, echo, "x")).error().code, errc::worker_died);
}

TEST_F(Pool, A_program_that_cannot_be_started_is_told) {
  const auto pool = make_worker_pool({"/nonexistent/worker"}, 1);

  const auto failed = run(io, ask(*pool, echo, "x"));

  EXPECT_EQ(failed.error().code, errc::io);
  EXPECT_NE(failed.error().detail.find("/nonexistent/worker"), std::string::npos);
}

TEST_F(Pool, A_worker_inherits_no_descriptor_but_its_own) {
  const int leak = dup(0);
  const auto pool = make_pool(1);

  EXPECT_EQ(run(io, ask(*pool, open_fds, "")).value().payload, "0");
  ::close(leak);
}

TEST_F(Pool, Ends_with_requests_in_hand_and_waiting) {
  std::string journal;
  Scope scope(io.get_executor());
  {
    const auto pool = make_pool(1);
    scope.spawn(ask_and_note(*pool, hang, 1h, journal));
    scope.spawn(ask_and_note(*pool, hang, 1h, journal));
    io.poll();
  }
  testing::finish(scope, io);

  EXPECT_EQ(journal, "the worker process died the worker process died ");
}

TEST_F(Pool, An_asker_that_is_cancelled_leaves_no_trace) {
  const auto pool = make_pool(1);
  std::string journal;
  Scope scope(io.get_executor());
  scope.spawn(ask_and_note(*pool, hang, 50ms, journal));
  io.poll();
  scope.stop();
  testing::finish(scope, io);

  EXPECT_EQ(journal, "");
  EXPECT_TRUE(run(io, ask(*pool, echo, "x")));
}

}  // namespace
}  // namespace postern::net
