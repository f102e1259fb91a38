// EventFeed: the event log as it grows, for one who follows it: wakes when events were written, on
// whatever shard, and remembers how far it has come.
//
//   EventFeed feed(context.env, context.store.events(), executor, "monitor");
//   for (;;) {
//     POSTERN_CO_TRY(auto events, co_await feed.next(std::chrono::seconds(15)));
//     …                                   deal with them; on an error return without done()
//     if (!events.empty()) { POSTERN_CO_TRY(co_await feed.done(events.back().id)); }
//   }
//
// Every event is given at least once: what was not done() comes again, after a restart too.
#pragma once

#include "net/env.hpp"
#include "net/wake.hpp"
#include "storage/events.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

class EventFeed {
 public:
  /// Events given at once, unless asked otherwise.
  static constexpr int batch_max = 256;

  /// For a consumer whose place in the log is kept under its name. One never heard of begins at
  /// the log's end. `env` and `events` outlive this.
  EventFeed(net::Env& env, storage::Events& events, boost::asio::any_io_executor executor,
            std::string consumer);
  /// For one who follows for a while only: behind `last`, or from the log's end on.
  EventFeed(net::Env& env, storage::Events& events, boost::asio::any_io_executor executor,
            std::optional<EventId> last);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  // On the executor, one call at a time.
  /// The events after the place, oldest first, at most `limit`; waits for at most `patience` until
  /// there is one, or until stir(), and then gives none. Errors: the store's.
  net::Task<Result<std::vector<Event>>> next(Duration patience, int limit = batch_max);
  /// All up to `last` is dealt with. Errors: the store's; the place is then where it was.
  net::Task<Result<void>> done(EventId last);
  /// The same, kept by the caller's own transaction (storage::keep_event_cursor).
  void passed(EventId last) { place_ = last; }

  /// From any thread: a wait in next() ends.
  void stir() { wake_->notify(); }
  const std::string& consumer() const { return consumer_; }

 private:
  net::Task<Result<void>> find_place();

  storage::Events& events_;
  const std::string consumer_;             // empty: nothing is kept
  const std::shared_ptr<net::Wake> wake_;  // shared with hints that are being told
  const std::shared_ptr<void> watch_;
  std::optional<EventId> place_;
};

}  // namespace postern::flows
