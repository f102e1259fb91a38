// How a received mail is read out of its rows.
#pragma once

#include "storage/engine.hpp"
#include "storage/messages.hpp"

#include <string_view>

namespace postern::storage {

/// Of message m, its integration i and its summary s; to be followed by WHERE.
inline constexpr std::string_view select_message =
    "SELECT m.id, m.integration, i.name, m.folder, m.uid_validity, m.uid, m.received_at, "
    "m.stored_at, m.size_bytes, m.sha256, m.message_id, m.state, m.digested, "
    "s.summary, t.stage, t.reason, t.tries, t.next_try_at, r.routing "
    "FROM message m JOIN integration i ON i.id = m.integration "
    "LEFT JOIN message_summary s ON s.message = m.id "
    "LEFT JOIN message_trouble t ON t.message = m.id "
    "LEFT JOIN message_routing r ON r.message = m.id";

/// Without its hand-overs.
MessageDetail read_message(Query& query);

}  // namespace postern::storage
