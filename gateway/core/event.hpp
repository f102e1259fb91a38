// An event: a fact told once, kept in the log, read by monitors and people.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace postern {

/// A fact about to be written; `kind` is one of the contract's list.
struct NewEvent {
  std::string kind;
  IntegrationId integration;  // 0: of no integration
  Instant at;
  std::string server;  // host
  int port = 0;
  std::string login, security, message, hint;
  boost::json::object data;
};

struct Event : NewEvent {
  EventId id;
};

/// The contract's event. What the event does not tell (server, port, login, …) is null.
boost::json::object to_json(const Event& event, const std::string& integration_name);

}  // namespace postern
