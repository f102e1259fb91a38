// MESSAGE of the contract: what a target is handed and what GET /messages/{id} tells of a mail.
//
// One place for both, so that a receiver who fetches the mail again sees the same words. Nothing in
// it changes between two tries of a hand-over: state and hand-overs are the API's to add.
#pragma once

#include "storage/messages.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace postern::flows {

/// MESSAGE of `message`. `public_url` (no slash at its end) makes the URLs absolute; empty gives
/// paths. A mail not digested yet has null and empty fields where its summary would stand.
boost::json::object message_json(const storage::MessageDetail& message,
                                 const std::string& public_url);

/// The path of a message below the base URL: "/api/v1/messages/msg_…".
std::string message_path(MessageId id);

}  // namespace postern::flows
