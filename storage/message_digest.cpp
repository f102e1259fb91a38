// The digest's end: summary, routing, thread, hand-overs and events in one transaction; and routing
// once more, when the rules are others by then.
#include "core/mail_json.hpp"
#include "storage/events_table.hpp"
#include "storage/handover_rows.hpp"
#include "storage/messages_table.hpp"
#include "storage/threads_table.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

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

void put_words(Transaction& transaction, MessageId id, const Routing& routing) {
  if (!says_something(routing)) return;
  transaction.run("INSERT OR REPLACE INTO message_routing (message, routing) VALUES (?1, ?2)", id,
                  boost::json::serialize(to_json(routing)));
}

void carry_out(Transaction& transaction, MessageId id, const Routing& routing, Instant at) {
  if (routing.goes_out()) {
    for (const auto target : routing.targets) insert_handover(transaction, id, target, at);
  } else {
    transaction.run("UPDATE message SET state = ?2 WHERE id = ?1", id,
                    to_string(state_of(routing)));
  }
}

/// Why the rules have no say (any more); nothing when they have.
Result<void> check_undecided(Transaction& transaction, MessageId id,
                             const std::vector<Handover>& handovers, Instant now) {
  bool digested = false, here = false;
  {
    auto row = transaction.query("SELECT digested, sha256 <> '' FROM message WHERE id = ?1", id);
    if (!row.step()) return Error{errc::not_found, "message " + id.str()};
    row.read(digested, here);
  }
  if (!here) return Error{errc::wrong_state, "its bytes are not here"};
  if (!digested) return Error{errc::wrong_state, "it has not been looked at yet"};
  for (const auto& each : handovers) {
    if (each.state == HandoverState::acknowledged) {
      return Error{errc::wrong_state, "a target has it already: rules do not touch that any more"};
    }
    if (each.state == HandoverState::waiting && on_lease(transaction, each.id, now)) {
      return Error{errc::wrong_state, "a consumer holds the mail; its lease ends by itself"};
    }
  }
  return success();
}

/// Ends those that are not meant any more; takes the others' targets out of `routing`.
void keep_waiting(Transaction& transaction, const std::vector<Handover>& handovers,
                  Routing& routing) {
  for (const auto& each : handovers) {
    const auto meant = std::ranges::find(routing.targets, each.target);
    const bool goes_on = each.state == HandoverState::waiting && routing.goes_out() &&
                         meant != routing.targets.end();
    if (goes_on) {
      routing.targets.erase(meant);
    } else {
      transaction.run(
          "UPDATE handover SET state = 'cancelled' WHERE id = ?1 AND state IN ('waiting', "
          "'parked')",
          each.id);
    }
  }
}

Result<void> put_digest(Transaction& transaction, const DigestedMessage& digested,
                        const std::string& summary, Instant at) {
  const auto& [id, mail] = digested;
  std::string state;
  bool known = false;
  {
    auto row = transaction.query("SELECT state, digested FROM message WHERE id = ?1", id);
    if (!row.step()) return Error{errc::not_found, "message " + id.str()};
    row.read(state, known);
  }
  if (known) return success();
  transaction.run("UPDATE message SET digested = 1 WHERE id = ?1", id);
  transaction.run("INSERT INTO message_summary (message, summary) VALUES (?1, ?2)", id, summary);
  note_thread(transaction, id, mail.thread, at);
  // Of one that is too large there is the header alone: it goes where the mail would go, and
  // is told as received, held or ignored once it is here whole.
  if (state == to_string(MessageState::too_large)) {
    if (!mail.routing.goes_out()) return success();
    for (const auto target : mail.routing.targets) insert_handover(transaction, id, target, at);
    return success();
  }
  put_words(transaction, id, mail.routing);
  carry_out(transaction, id, mail.routing, at);
  append_events(transaction, mail.events);
  return success();
}

}  // namespace

net::Task<Result<void>> MessagesTable::route_anew(MessageId id, Routing routing,
                                                  std::vector<NewEvent> events, Instant at) {
  return engine_.write([id, routing = std::move(routing), events = std::move(events),
                        at](Transaction& transaction) mutable -> Result<void> {
    const auto handovers = handovers_of(transaction, id);
    POSTERN_TRY(check_undecided(transaction, id, handovers, at));
    transaction.run("DELETE FROM message_routing WHERE message = ?1", id);
    transaction.run("UPDATE message SET state = 'stored' WHERE id = ?1", id);
    put_words(transaction, id, routing);
    keep_waiting(transaction, handovers, routing);
    carry_out(transaction, id, routing, at);
    append_events(transaction, events);
    return success();
  });
}

net::Task<Result<void>> MessagesTable::record_digests(std::vector<DigestedMessage> mails,
                                                      Instant at) {
  std::vector<std::string> summaries;
  summaries.reserve(mails.size());
  std::size_t bytes = 0;
  for (const auto& each : mails) {
    const auto memory = boost::json::make_shared_resource<boost::json::monotonic_resource>();
    summaries.push_back(boost::json::serialize(to_json(each.mail.summary, memory)));
    bytes += row_bytes + summaries.back().size();
  }
  return engine_.write(
      [mails = std::move(mails), summaries = std::move(summaries),
       at](Transaction& transaction) -> Result<void> {
        for (std::size_t i = 0; i < mails.size(); ++i) {
          POSTERN_TRY(put_digest(transaction, mails[i], summaries[i], at));
        }
        return success();
      },
      bytes);
}

}  // namespace postern::storage
