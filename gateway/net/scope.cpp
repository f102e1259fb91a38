#include "net/scope.hpp"

#include "core/result.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <unordered_set>
#include <vector>

namespace postern::net {
namespace asio = boost::asio;
namespace {

// One running coroutine, touched on its executor's thread alone. Shared by whoever may cancel it
// and by its completion handler.
//
// Asio 1.81 lets a cancellation escape from co_spawn when it comes before the coroutine's first
// suspension, and delivers one emitted off the executor's thread through a pointer into a signal
// that may be gone by then. So the signal is emitted only on that thread, only between `started`
// and `ended`, and begin() suspends first of all.
struct Running : std::enable_shared_from_this<Running> {
  explicit Running(asio::any_io_executor on) : executor(std::move(on)) {}
  asio::any_io_executor executor;
  asio::cancellation_signal signal;
  bool started = false;
  bool stopped = false;
  bool ended = false;

  void stop() {
    asio::dispatch(executor, [self = shared_from_this()] {
      self->stopped = true;
      if (self->started && !self->ended) self->signal.emit(asio::cancellation_type::terminal);
    });
  }
};

Task<void> begin(std::shared_ptr<Running> running, Task<void> task) {
  co_await asio::post(asio::use_awaitable);
  running->started = true;
  // Not a mere end: whoever waits for the task's result would find none.
  if (running->stopped) throw boost::system::system_error(asio::error::operation_aborted);
  co_await std::move(task);
}

template <class OnEnd>
void launch(const std::shared_ptr<Running>& running, Task<void> task, OnEnd on_end) {
  asio::co_spawn(running->executor, begin(running, std::move(task)),
                 asio::bind_cancellation_slot(
                     running->signal.slot(),
                     [running, on_end = std::move(on_end)](std::exception_ptr exception) mutable {
                       running->ended = true;
                       // The signal outlives the frame, whose end is still to come.
                       asio::post(running->executor, [running] {});
                       on_end(exception);
                     }));
}

[[noreturn]] void die_of(const char* what) {
  std::fprintf(stderr, "postern: a coroutine ended with a foreign exception: %s\n", what);
  std::abort();
}

void expect_no_exception_but_cancellation(const std::exception_ptr& exception) {
  if (!exception) return;
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) die_of(error.what());
  } catch (const std::exception& error) {
    die_of(error.what());
  } catch (...) {
    die_of("of unknown type");
  }
}

}  // namespace

struct Scope::State {
  asio::any_io_executor executor;
  std::unordered_set<std::shared_ptr<Running>> running;
  std::vector<asio::any_completion_handler<void()>> joiners;
  bool stopped = false;

  void stop() {
    if (std::exchange(stopped, true)) return;
    for (const auto& one : running) one->stop();
  }

  void ended(const std::shared_ptr<Running>& one, const std::exception_ptr& exception) {
    expect_no_exception_but_cancellation(exception);
    running.erase(one);
    if (!running.empty()) return;
    for (auto& joiner : std::exchange(joiners, {})) asio::post(executor, std::move(joiner));
  }
};

Scope::Scope(asio::any_io_executor executor) : state_(std::make_shared<State>()) {
  state_->executor = std::move(executor);
}

Scope::~Scope() {
  POSTERN_ASSERT(state_->running.empty());
}

void Scope::spawn(Task<void> task) {
  if (state_->stopped) return;
  auto running = std::make_shared<Running>(state_->executor);
  state_->running.insert(running);
  launch(running, std::move(task), [state = state_, running](const std::exception_ptr& exception) {
    state->ended(running, exception);
  });
}

void Scope::stop() {
  state_->stop();
}

Task<void> Scope::join() {
  if (state_->running.empty()) co_return;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      // The slot is the erased handler's: erasing takes over the one of the coroutine.
      [](asio::any_completion_handler<void()> handler, const std::shared_ptr<State>& state) {
        if (auto slot = handler.get_cancellation_slot(); slot.is_connected()) {
          slot.assign([weak = std::weak_ptr(state)](asio::cancellation_type) {
            if (auto alive = weak.lock()) alive->stop();
          });
        }
        state->joiners.push_back(std::move(handler));
      },
      asio::use_awaitable, state_);
}

std::size_t Scope::running() const {
  return state_->running.size();
}

asio::any_io_executor Scope::executor() const {
  return state_->executor;
}

namespace detail {

Task<void> run_void_on(asio::any_io_executor executor, Task<void> task) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      [](auto handler, const asio::any_io_executor& there, Task<void> work) {
        auto running = std::make_shared<Running>(there);
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
          slot.assign([running](asio::cancellation_type) { running->stop(); });
        }
        auto here = asio::get_associated_executor(handler);
        launch(running, std::move(work),
               [guard = asio::make_work_guard(here),
                handler = std::move(handler)](std::exception_ptr exception) mutable {
                 asio::post(guard.get_executor(),
                            [handler = std::move(handler), exception]() mutable {
                              std::move(handler)(exception);
                            });
               });
      },
      asio::use_awaitable, std::move(executor), std::move(task));
}

}  // namespace detail
}  // namespace postern::net
