// The one file of storage/ that touches Asio: how a coroutine waits for another thread.
#include "storage/submit.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::storage {
namespace {

namespace asio = boost::asio;

template <class Handler>
class SuspendedCoroutine final : public Waiter {
 public:
  explicit SuspendedCoroutine(Handler handler)
      : work_(asio::prefer(asio::get_associated_executor(handler),
                           asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  void resume() override { asio::post(work_, std::move(handler_)); }

 private:
  asio::any_io_executor work_;  // keeps the executor running until the coroutine is back
  Handler handler_;
};

}  // namespace

net::Task<void> done(WorkQueue& queue, std::shared_ptr<Work> work) {
  if (queue.done_inline(*work)) co_return;
  // The cancellation slot is left alone: there is no way to take queued work back.
  auto start = [&queue, &work](auto handler) {
    using Handler = decltype(handler);
    queue.push(std::move(work), std::make_unique<SuspendedCoroutine<Handler>>(std::move(handler)));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(start),
                                                                       asio::use_awaitable);
}

}  // namespace postern::storage
