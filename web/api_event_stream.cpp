// GET /events as Server-Sent Events: each event as it is written, and between them what a page
// wants to know at once: `change` (somebody changed a resource) and `queues` (their lengths).
//
// Last-Event-ID goes on behind that event, so that nothing is missed over a broken line. A comment
// every few seconds keeps the line open; whoever has no right any more is cut off then.
#include "web/api_event_stream.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/json/serialize.hpp>

#include <map>

namespace postern::web {
namespace {

namespace json = boost::json;

/// Takes its place in the list of streams away when the stream ends, however it does.
class OpenStream {
 public:
  OpenStream(EventStreams& streams, EventStreams::Place place) : streams_(streams), place_(place) {}
  OpenStream(const OpenStream&) = delete;
  ~OpenStream() { streams_.close(place_); }
  std::deque<std::string>& untold() { return place_->untold; }

 private:
  EventStreams& streams_;
  EventStreams::Place place_;
};

class Names {
 public:
  explicit Names(storage::Store& store) : store_(store) {}

  /// Of an integration that is there; "" of another.
  net::Task<std::string> of(IntegrationId id) {
    const auto found = names_.find(id);
    if (found != names_.end()) co_return found->second;
    const auto stored = co_await store_.integrations().get(id);
    auto& name = names_[id];
    if (stored) name = stored.value().value.name;
    co_return name;
  }
  void forget() { names_.clear(); }

 private:
  storage::Store& store_;
  std::map<IntegrationId, std::string> names_;
};

bool wanted(const storage::EventFilter& filter, const Event& event) {
  if (filter.integration && event.integration != *filter.integration) return false;
  return filter.kind.empty() || event.kind == filter.kind;
}

/// What has come since the last look, as one piece; nothing when there is nothing.
net::Task<Result<std::string>> news(Names& names, flows::EventFeed& feed,
                                    const storage::EventFilter& filter, Duration patience) {
  POSTERN_CO_TRY(const auto events, co_await feed.next(patience));
  std::string piece;
  for (const auto& event : events) {
    feed.passed(event.id);
    if (!wanted(filter, event)) continue;
    const auto name = co_await names.of(event.integration);
    piece += stream_message("event", json::serialize(to_json(event, name)), event.id.str());
  }
  co_return piece;
}

/// The lengths of the queues when they are not those that were told last.
net::Task<std::string> queue_news(Api& api, std::string& told) {
  const auto queues = co_await api.figures.queues();
  if (!queues) co_return "";
  auto now = json::serialize(to_json(queues.value()));
  if (now == told) co_return "";
  told = std::move(now);
  co_return stream_message("queues", told);
}

net::Task<void> run(Api& api, Request request, std::string caller, storage::EventFilter filter,
                    BodyStream& out) {
  auto last = std::optional<EventId>();
  if (const auto* header = request.header("last-event-id")) last = EventId::parse(*header);
  const auto executor = co_await boost::asio::this_coro::executor;
  flows::EventFeed feed(api.env, api.store.events(), executor, last);
  const auto place = api.streams.open(caller, feed);
  if (!place) co_return;
  OpenStream open(api.streams, *place);
  Names names(api.store);
  std::string told_queues;
  auto looked = api.env.steady();
  std::string piece = "retry: 2000\n\n";
  // The first look does not wait: what is told before it would come from no place in the log.
  for (Duration patience(1);; patience = stream_look_every) {
    const auto come = co_await news(names, feed, filter, patience);
    if (!come || api.streams.ending()) co_return;  // the page opens another one
    piece += come.value();
    for (auto& each : open.untold()) piece += each;
    if (!open.untold().empty()) names.forget();
    open.untold().clear();
    piece += co_await queue_news(api, told_queues);
    if (api.env.steady() - looked >= stream_beat_every) {
      looked = api.env.steady();
      const auto still = co_await api.access.identify(request, false);
      if (!still || !allows(still.value(), scope_read)) co_return;
      if (piece.empty()) piece = ": still here\n\n";
    }
    const auto written = co_await out.write(std::move(piece));
    if (!written) co_return;
    piece.clear();
  }
}

}  // namespace

bool wants_stream(const Request& request) {
  const auto* accept = request.header("accept");
  return accept != nullptr && accept->find("text/event-stream") != std::string::npos;
}

Answer<Response> event_stream(Api& api, const Call& call, storage::EventFilter filter) {
  if (!api.streams.room_for(call.identity.id)) {
    Problem problem(429, "too_many_streams", "Too many streams of events are open.",
                    "Close one of them.");
    problem.headers.emplace_back("Retry-After", "30");
    return problem;
  }
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("X-Accel-Buffering", "no");
  Request head;  // who asked, to ask again whether they still may
  head.headers = call.request.headers;
  head.client = call.request.client;
  head.secure = call.request.secure;
  response.stream = [api = &api, head = std::move(head), caller = call.identity.id,
                     filter = std::move(filter)](BodyStream& out) {
    return run(*api, head, caller, filter, out);
  };
  return response;
}

}  // namespace postern::web
