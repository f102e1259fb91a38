#include "net/wake.hpp"

#include "core/result.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <utility>

namespace postern::net {
namespace asio = boost::asio;

struct Wake::State {
  asio::any_io_executor executor;
  std::unique_ptr<Timer> timer;
  std::atomic<bool> posted = false;  // a hint is on its way: a burst of them is one post
  bool hinted = false;               // the rest on the executor's thread alone
  bool waiting = false;

  // What a cancelled wait leaves behind is put right on the way out.
  struct Waiting {
    State& state;
    explicit Waiting(State& of) : state(of) { state.waiting = true; }
    ~Waiting() { state.waiting = false; }
  };
};

Wake::Wake(Env& env, asio::any_io_executor executor) : state_(std::make_shared<State>()) {
  state_->timer = env.make_timer(executor);
  state_->executor = std::move(executor);
}

Wake::~Wake() = default;

void Wake::notify() {
  if (state_->posted.exchange(true)) return;
  asio::post(state_->executor, [weak = std::weak_ptr(state_)] {
    const auto state = weak.lock();
    if (!state) return;
    state->posted = false;
    state->hinted = true;
    if (state->waiting) state->timer->cancel();
  });
}

Task<bool> Wake::wait(Duration limit) {
  auto state = state_;
  POSTERN_ASSERT(!state->waiting);
  if (std::exchange(state->hinted, false)) co_return true;
  {
    const State::Waiting waiting(*state);
    co_await state->timer->wait(limit);
  }
  co_return std::exchange(state->hinted, false);
}

}  // namespace postern::net
