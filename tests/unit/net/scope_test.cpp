#include "net/scope.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/result.hpp"
#include "net/shards.hpp"

namespace postern::net {
namespace {

namespace asio = boost::asio;

Task<void> note(std::vector<std::string>& journal, std::string line) {
  journal.push_back(std::move(line));
  co_return;
}

// Waits for ever; its end by cancellation shows in `ended`.
struct CountsItsEnd {
  int& ended;
  explicit CountsItsEnd(int& count) : ended(count) {}
  ~CountsItsEnd() { ++ended; }
};
Task<void> wait_for_ever(int& ended) {
  const CountsItsEnd counts(ended);
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  co_await timer.async_wait(asio::use_awaitable);
}

Task<void> stop_from_inside(Scope& scope, std::vector<std::string>& journal) {
  scope.stop();
  journal.push_back("stopped");
  co_await asio::post(asio::use_awaitable);
  journal.push_back("not reached");
}

Task<void> join_and_note(Scope& scope, std::vector<std::string>& journal) {
  co_await scope.join();
  journal.push_back("joined " + std::to_string(scope.running()));
}

Task<void> join_and_tell(Scope& scope, std::promise<void>& done) {
  co_await scope.join();
  done.set_value();
}

TEST(Scope, Runs_what_it_spawns_after_spawn_has_returned) {
  asio::io_context io;
  std::vector<std::string> journal;
  Scope scope(io.get_executor());

  scope.spawn(note(journal, "ran"));
  journal.push_back("spawned");
  io.run();

  EXPECT_EQ(journal, (std::vector<std::string>{"spawned", "ran"}));
  EXPECT_EQ(scope.running(), 0u);
}

TEST(Scope, Stop_cancels_everything_that_waits) {
  asio::io_context io;
  int ended = 0;
  Scope scope(io.get_executor());
  for (int i = 0; i < 3; ++i) scope.spawn(wait_for_ever(ended));
  io.poll();
  ASSERT_EQ(scope.running(), 3u);

  scope.stop();
  io.run();

  EXPECT_EQ(ended, 3);
  EXPECT_EQ(scope.running(), 0u);
}

TEST(Scope, Stop_before_the_first_step_keeps_a_task_from_starting) {
  asio::io_context io;
  std::vector<std::string> journal;
  Scope scope(io.get_executor());

  scope.spawn(note(journal, "ran"));
  scope.stop();
  io.run();

  EXPECT_TRUE(journal.empty());
  EXPECT_EQ(scope.running(), 0u);
}

TEST(Scope, Ignores_spawn_after_stop) {
  asio::io_context io;
  std::vector<std::string> journal;
  Scope scope(io.get_executor());

  scope.stop();
  scope.spawn(note(journal, "ran"));
  io.run();

  EXPECT_TRUE(journal.empty());
}

TEST(Scope, Can_be_stopped_by_one_of_its_own_coroutines) {
  asio::io_context io;
  std::vector<std::string> journal;
  int ended = 0;
  Scope scope(io.get_executor());

  scope.spawn(wait_for_ever(ended));
  scope.spawn(stop_from_inside(scope, journal));
  io.run();

  EXPECT_EQ(journal, std::vector<std::string>{"stopped"});
  EXPECT_EQ(ended, 1);
}

TEST(Scope, Join_returns_when_the_last_one_has_ended) {
  asio::io_context io;
  std::vector<std::string> journal;
  int ended = 0;
  Scope inner(io.get_executor());
  Scope outer(io.get_executor());
  inner.spawn(wait_for_ever(ended));

  outer.spawn(join_and_note(inner, journal));
  io.poll();
  ASSERT_TRUE(journal.empty());
  inner.stop();
  io.run();

  EXPECT_EQ(journal, std::vector<std::string>{"joined 0"});
}

TEST(Scope, Cancelling_the_joiner_stops_the_joined_and_waits_for_it) {
  asio::io_context io;
  std::vector<std::string> journal;
  int ended = 0;
  Scope inner(io.get_executor());
  Scope outer(io.get_executor());
  inner.spawn(wait_for_ever(ended));
  outer.spawn(join_and_note(inner, journal));
  io.poll();

  outer.stop();
  io.run();

  EXPECT_EQ(ended, 1);
  EXPECT_EQ(outer.running(), 0u);
}

Task<void> throw_foreign() {
  co_await asio::post(asio::use_awaitable);
  throw std::runtime_error("our mistake");
}

void run_a_coroutine_that_throws() {
  asio::io_context io;
  Scope scope(io.get_executor());
  scope.spawn(throw_foreign());
  io.run();
}

TEST(ScopeDeathTest, Ends_the_process_at_a_foreign_exception) {
  EXPECT_DEATH(run_a_coroutine_that_throws(), "our mistake");
}

void drop_a_scope_that_still_runs() {
  asio::io_context io;
  int ended = 0;
  Scope scope(io.get_executor());
  scope.spawn(wait_for_ever(ended));
}

TEST(ScopeDeathTest, Asserts_that_nothing_runs_when_it_goes) {
  EXPECT_DEATH(drop_a_scope_that_still_runs(), "running.empty");
}

// Two shards that run until the work on the first has ended.
void run_on_shards(Shards& shards, Scope& scope, Task<void> work) {
  std::promise<void> done;
  Scope joiner(shards.executor(0));
  scope.spawn(std::move(work));
  joiner.spawn(join_and_tell(scope, done));
  shards.start();
  done.get_future().wait();
  shards.stop();
  shards.join();
}

Task<Result<std::string>> answer_from(std::thread::id caller) {
  co_await asio::post(asio::use_awaitable);
  co_return std::this_thread::get_id() == caller ? "same thread" : "other thread";
}

Task<void> ask_other_shard(const Shards& shards, std::vector<std::string>& journal) {
  const auto here = std::this_thread::get_id();
  auto answer = co_await run_on(shards.executor(1), answer_from(here));
  journal.push_back(answer.value());
  journal.push_back(std::this_thread::get_id() == here ? "came back" : "lost");
}

TEST(RunOn, Comes_back_to_the_callers_thread_with_the_result) {
  std::vector<std::string> journal;
  Shards shards(2);
  Scope scope(shards.executor(0));

  run_on_shards(shards, scope, ask_other_shard(shards, journal));

  EXPECT_EQ(journal, (std::vector<std::string>{"other thread", "came back"}));
}

Task<void> fail_elsewhere() {
  co_await asio::post(asio::use_awaitable);
  throw std::runtime_error("from there");
}

Task<void> catch_from_other_shard(const Shards& shards, std::vector<std::string>& journal) {
  try {
    co_await run_on(shards.executor(1), fail_elsewhere());
  } catch (const std::runtime_error& error) {
    journal.push_back(error.what());
  }
}

TEST(RunOn, Brings_an_exception_back) {
  std::vector<std::string> journal;
  Shards shards(2);
  Scope scope(shards.executor(0));

  run_on_shards(shards, scope, catch_from_other_shard(shards, journal));

  EXPECT_EQ(journal, std::vector<std::string>{"from there"});
}

Task<void> wait_on_other_shard(const Shards& shards, int& ended) {
  co_await run_on(shards.executor(1), wait_for_ever(ended));
}

Task<void> stop_other(Scope& scope) {
  co_await asio::post(asio::use_awaitable);
  scope.stop();
}

Task<std::string> greet() {
  co_return "hello";
}

Task<void> take_greeting(asio::any_io_executor there, std::vector<std::string>& journal) {
  const auto words = co_await run_on(std::move(there), greet());
  journal.push_back(words);
}

// Found by tests/chaos/run stop: it went on with a result that nobody had made.
TEST(RunOn, Cancelling_the_caller_before_the_task_has_begun_leaves_no_result) {
  asio::io_context here, there;
  std::vector<std::string> journal;
  Scope scope(here.get_executor());
  scope.spawn(take_greeting(there.get_executor(), journal));
  here.poll();

  scope.stop();
  here.poll();
  there.run();
  here.restart();
  here.run();

  EXPECT_TRUE(journal.empty());
  EXPECT_EQ(scope.running(), 0U);
}

TEST(RunOn, Cancelling_the_caller_cancels_the_task_there) {
  for (int round = 0; round < 50; ++round) {
    int ended = 0;
    Shards shards(2);
    Scope scope(shards.executor(0));
    Scope stopper(shards.executor(0));
    stopper.spawn(stop_other(scope));

    run_on_shards(shards, scope, wait_on_other_shard(shards, ended));

    EXPECT_EQ(scope.running(), 0u);
    EXPECT_LE(ended, 1);
  }
}

}  // namespace
}  // namespace postern::net
