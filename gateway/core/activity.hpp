// Activity: one thing that happened to an integration, as its list of them tells it. Gathered from
// rows (events, mails, sends, hand-overs, acts of people) and from what the flows remember.
#pragma once

#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace postern {

struct Activity {
  Instant at;
  std::string key;   // its own among those of the same instant; for the order of pages
  std::string kind;  // an event kind, or check.succeeded, messages.stored, delivery.sent, …
  std::string text;  // one sentence for people
  boost::json::object data;  // what else is known: delivery, message, by, count, …
};

/// {at, kind, text} and the data's members beside them.
boost::json::object to_json(const Activity& activity);

/// Newest first.
bool newer(const Activity& left, const Activity& right);

}  // namespace postern
