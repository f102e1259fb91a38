// The digest's end: summary, routing, thread, hand-overs and events in one transaction.
#include "storage/events_table.hpp"
#include "storage/handover_rows.hpp"
#include "storage/messages_table.hpp"
#include "storage/threads_table.hpp"

#include <boost/json/serialize.hpp>

namespace postern::storage {
namespace {

constexpr std::size_t row_bytes = 512;  // about, with its indices

MessageState state_of(const Routing& routing) {
  if (routing.quarantined) return MessageState::quarantined;
  if (routing.held) return MessageState::held;
  if (routing.ignored) return MessageState::ignored;
  return MessageState::stored;
}

/// A mail on which nobody had a word needs no row of its own.
bool says_something(const Routing& routing) {
  return !routing.trace.empty() || !routing.goes_out();
}

void put_routing(Transaction& transaction, MessageId id, const Routing& routing, Instant at) {
  if (says_something(routing)) {
    transaction.run("INSERT OR REPLACE INTO message_routing (message, routing) VALUES (?1, ?2)", id,
                    boost::json::serialize(to_json(routing)));
  }
  if (routing.goes_out()) {
    for (const auto target : routing.targets) insert_handover(transaction, id, target, at);
  } else {
    transaction.run("UPDATE message SET state = ?2 WHERE id = ?1", id,
                    to_string(state_of(routing)));
  }
}

}  // namespace

net::Task<Result<void>> MessagesTable::record_digest(MessageId id, DigestedMail digested,
                                                     Instant at) {
  auto json = boost::json::serialize(to_json(digested.summary));
  const auto bytes = row_bytes + json.size();
  return engine_.write(
      [id, json = std::move(json), digested = std::move(digested),
       at](Transaction& transaction) -> Result<void> {
        std::string state;
        bool known = false;
        {
          auto row = transaction.query("SELECT state, digested FROM message WHERE id = ?1", id);
          if (!row.step()) return Error{errc::not_found, "message " + id.str()};
          row.read(state, known);
        }
        if (known) return success();
        transaction.run("UPDATE message SET digested = 1 WHERE id = ?1", id);
        transaction.run("INSERT INTO message_summary (message, summary) VALUES (?1, ?2)", id, json);
        note_thread(transaction, id, digested.thread, at);
        // Of one that is too large there is the header alone: it goes where the mail would go, and
        // is told as received, held or ignored once it is here whole.
        if (state == to_string(MessageState::too_large)) {
          if (!digested.routing.goes_out()) return success();
          for (const auto target : digested.routing.targets) {
            insert_handover(transaction, id, target, at);
          }
          return success();
        }
        put_routing(transaction, id, digested.routing, at);
        append_events(transaction, digested.events);
        return success();
      },
      bytes);
}

}  // namespace postern::storage
