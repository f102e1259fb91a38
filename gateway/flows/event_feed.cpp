#include "flows/event_feed.hpp"

#include <utility>

namespace postern::flows {
namespace {

std::shared_ptr<void> watch(storage::Events& events, std::shared_ptr<net::Wake> wake) {
  return events.watch([wake = std::move(wake)] { wake->notify(); });
}

}  // namespace

EventFeed::EventFeed(net::Env& env, storage::Events& events, boost::asio::any_io_executor executor,
                     std::string consumer)
    : events_(events),
      consumer_(std::move(consumer)),
      wake_(std::make_shared<net::Wake>(env, std::move(executor))),
      watch_(watch(events, wake_)) {}

EventFeed::EventFeed(net::Env& env, storage::Events& events, boost::asio::any_io_executor executor,
                     std::optional<EventId> last)
    : events_(events),
      wake_(std::make_shared<net::Wake>(env, std::move(executor))),
      watch_(watch(events, wake_)),
      place_(last) {}

net::Task<Result<void>> EventFeed::find_place() {
  if (place_) co_return success();
  if (consumer_.empty()) {
    POSTERN_CO_TRY(place_, co_await events_.newest());
  } else {
    POSTERN_CO_TRY(place_, co_await events_.cursor(consumer_));
  }
  co_return success();
}

net::Task<Result<std::vector<Event>>> EventFeed::next(Duration patience, int limit) {
  POSTERN_CO_TRY(co_await find_place());
  POSTERN_CO_TRY(auto events, co_await events_.after(*place_, limit));
  if (!events.empty()) co_return events;
  // A hint between the look and the wait is remembered by the wake.
  if (!co_await wake_->wait(patience)) co_return events;
  co_return co_await events_.after(*place_, limit);
}

net::Task<Result<void>> EventFeed::done(EventId last) {
  if (!consumer_.empty()) {
    POSTERN_CO_TRY(co_await events_.keep_cursor(consumer_, last));
  }
  place_ = last;
  co_return success();
}

}  // namespace postern::flows
