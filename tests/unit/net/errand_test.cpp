#include "net/errand.hpp"

#include "net/real_env.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <utility>

namespace postern::net {
namespace {

using namespace std::chrono_literals;

struct Errands : ::testing::Test {
  std::unique_ptr<Env> env = make_real_env({}).value();
  boost::asio::io_context io;
  Scope scope{io.get_executor()};
  int looks = 0;
  Duration pause = Errand::nothing_due;
  Errand* hinted_within = nullptr;  // a hint comes while it looks
  Errand errand{*env, scope, [this] { return look(); }};

  Task<Duration> look() {
    ++looks;
    if (auto* self = std::exchange(hinted_within, nullptr)) self->notify();
    co_return pause;
  }
  void run_all() {
    io.run();
    io.restart();
  }
};

TEST_F(Errands, Nothing_runs_before_the_start) {
  errand.notify();
  run_all();

  EXPECT_EQ(looks, 0);
}

TEST_F(Errands, No_coroutine_stays_when_there_is_nothing_to_do) {
  errand.start();
  run_all();

  EXPECT_EQ(looks, 1);
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(Errands, A_hint_is_a_look_and_many_at_once_are_one) {
  errand.start();
  run_all();
  errand.notify();
  errand.notify();
  run_all();

  EXPECT_EQ(looks, 2);
}

TEST_F(Errands, A_hint_that_comes_while_it_looks_is_another_look) {
  hinted_within = &errand;
  errand.start();
  run_all();

  EXPECT_EQ(looks, 2);
}

TEST_F(Errands, Looks_again_after_the_pause_it_gave_and_at_once_at_a_hint) {
  pause = 24h;
  errand.start();
  io.poll();
  pause = 1ms;
  errand.notify();
  while (looks < 3) io.run_one();  // the hint's look, and the one after a millisecond

  EXPECT_EQ(looks, 3);
  scope.stop();
  run_all();
  EXPECT_EQ(scope.running(), 0u);
}

}  // namespace
}  // namespace postern::net
