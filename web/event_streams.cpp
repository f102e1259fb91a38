// See event_streams.hpp.
#include "web/event_streams.hpp"

#include <algorithm>

namespace postern::web {

bool EventStreams::room_for(const std::string& caller) const {
  const auto own = std::ranges::count(streams_, caller, &Stream::caller);
  return !ending_ && streams_.size() < event_streams_max &&
         own < static_cast<std::ptrdiff_t>(event_streams_each_max);
}

std::optional<EventStreams::Place> EventStreams::open(const std::string& caller,
                                                      flows::EventFeed& feed) {
  if (!room_for(caller)) return std::nullopt;
  streams_.push_back(Stream{caller, feed, {}});
  return std::prev(streams_.end());
}

void EventStreams::tell(const std::string& message) {
  for (auto& stream : streams_) {
    stream.untold.push_back(message);
    if (stream.untold.size() > untold_words_max) stream.untold.pop_front();
    stream.feed.stir();
  }
}

void EventStreams::end_all() {
  ending_ = true;
  for (auto& stream : streams_) stream.feed.stir();
}

std::string stream_message(std::string_view name, std::string_view data, std::string_view id) {
  std::string message;
  if (!id.empty()) message += "id: " + std::string(id) + "\n";
  message += "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
  return message;
}

}  // namespace postern::web
