// EventStreams: the open streams of GET /events, to be told what is no event of the log: that
// somebody changed something, that queues are of another length. On the server's executor only.
//
// Bounded: so many streams altogether and of one caller, so many untold words of each.
#pragma once

#include "flows/event_feed.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>

namespace postern::web {

constexpr std::size_t event_streams_max = 200;
constexpr std::size_t event_streams_each_max = 20;  // of one person or token
constexpr std::size_t untold_words_max = 100;       // beyond: the oldest go

class EventStreams {
 public:
  struct Stream {
    std::string caller;
    flows::EventFeed& feed;
    std::deque<std::string> untold;  // whole messages of the stream
  };
  using Place = std::list<Stream>::iterator;

  /// Nothing when there are too many already, or all have to end.
  std::optional<Place> open(const std::string& caller, flows::EventFeed& feed);
  void close(Place place) { streams_.erase(place); }

  bool room_for(const std::string& caller) const;
  bool empty() const { return streams_.empty(); }
  bool ending() const { return ending_; }

  /// `message`: as it goes over the line.
  void tell(const std::string& message);
  /// The server stops.
  void end_all();

 private:
  std::list<Stream> streams_;
  bool ending_ = false;
};

/// One message of a stream: its name and its data, one line. Source: HTML §9.2 (server-sent
/// events).
std::string stream_message(std::string_view name, std::string_view data, std::string_view id = "");

}  // namespace postern::web
