// What a person does with a delivery that is held, and how its attempts went.
//
//   held → queued (due)           release
//   held → held, other recipients set_recipients
//
// And the copies for the Sent folder.
#include "storage/columns.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/delivery_rows.hpp"
#include "storage/events_table.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

Result<Delivery> get_held(Transaction& transaction, DeliveryId id) {
  POSTERN_TRY(auto row, get_delivery(transaction, id));
  if (row.outcome.state == DeliveryState::held) return row;
  return Error{errc::wrong_state,
               "the delivery is " + std::string(to_string(row.outcome.state)) + ", not held"};
}

bool has(const std::vector<std::string>& addresses, const std::string& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

net::Task<Result<Delivery>> DeliveriesTable::release(DeliveryId id, Instant at) {
  return engine_.write([id, at](Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_held(transaction, id));
    open_unknown(row);  // who releases it has decided
    auto outcome = queued_outcome(at);
    outcome.recipients = std::move(row.outcome.recipients);
    row.outcome = std::move(outcome);
    row.sync = false;  // nobody waits for it any more
    update_delivery(transaction, row);
    return row;
  });
}

net::Task<Result<Delivery>> DeliveriesTable::set_recipients(DeliveryId id,
                                                            std::vector<std::string> recipients) {
  return engine_.write([id, recipients = std::move(recipients)](
                           Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_held(transaction, id));
    auto& results = row.outcome.recipients;
    for (const auto& result : results) {
      if (result.result_code == 0 && !has(recipients, result.address)) {
        return Error{errc::wrong_state, result.address + " got the mail already"};
      }
    }
    std::erase_if(results, [&](const auto& result) { return !has(recipients, result.address); });
    row.envelope.recipients = recipients;
    transaction.run("UPDATE delivery SET recipients = ?2 WHERE id = ?1", id,
                    strings_to_json(recipients));
    update_delivery(transaction, row);
    return row;
  });
}

net::Task<Result<std::vector<DeliveryAttempt>>> DeliveriesTable::attempts(DeliveryId id) {
  return engine_.read([id](Transaction& transaction) -> Result<std::vector<DeliveryAttempt>> {
    POSTERN_TRY(get_delivery(transaction, id));
    auto query = transaction.query(
        "SELECT a.number, a.began_at, a.ended_at, a.state, a.result_code, a.result_message, "
        "t.number IS NOT NULL FROM delivery_attempt a LEFT JOIN delivery_transcript t "
        "ON t.delivery = a.delivery AND t.number = a.number WHERE a.delivery = ?1 "
        "ORDER BY a.number",
        id);
    std::vector<DeliveryAttempt> all;
    while (query.step()) {
      DeliveryAttempt attempt;
      query.read(attempt.number, attempt.began_at, attempt.ended_at, attempt.state,
                 attempt.result_code, attempt.result_message, attempt.has_transcript);
      all.push_back(std::move(attempt));
    }
    return all;
  });
}

net::Task<Result<std::optional<Transcript>>> DeliveriesTable::transcript(
    DeliveryId id, std::optional<int> attempt) {
  return engine_.read([id, attempt](Transaction& transaction) -> Result<std::optional<Transcript>> {
    POSTERN_TRY(get_delivery(transaction, id));
    auto query = transaction.query(
        "SELECT content FROM delivery_transcript WHERE delivery = ?1 AND (?2 IS NULL OR "
        "number = ?2) ORDER BY number DESC LIMIT 1",
        id, attempt);
    if (!query.step()) return std::optional<Transcript>();
    std::string content;
    query.read(content);
    return std::optional(transcript_from_json(object_from_json(content)));
  });
}

net::Task<Result<std::vector<SentCopy>>> DeliveriesTable::copies_due(IntegrationId integration,
                                                                     Instant now, int limit) {
  return engine_.read(
      [integration, now, limit](Transaction& transaction) -> Result<std::vector<SentCopy>> {
        auto query = transaction.query(
            "SELECT c.delivery, d.message_id, c.tries FROM sent_copy c "
            "JOIN delivery d ON d.id = c.delivery "
            "WHERE c.integration = ?1 AND c.due <= ?2 ORDER BY c.due, c.delivery LIMIT ?3",
            integration, now, limit);
        std::vector<SentCopy> all;
        while (query.step()) {
          SentCopy copy;
          query.read(copy.delivery, copy.message_id, copy.tries);
          all.push_back(std::move(copy));
        }
        return all;
      });
}

net::Task<Result<std::optional<Instant>>> DeliveriesTable::next_copy_due(
    IntegrationId integration) {
  return engine_.read([integration](Transaction& transaction) -> Result<std::optional<Instant>> {
    auto query =
        transaction.query("SELECT min(due) FROM sent_copy WHERE integration = ?1", integration);
    std::optional<Instant> due;
    if (query.step()) query.read(due);
    return due;
  });
}

net::Task<Result<void>> DeliveriesTable::copy_ended(DeliveryId id, std::vector<NewEvent> events) {
  return engine_.write([id, events = std::move(events)](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM sent_copy WHERE delivery = ?1", id);
    append_events(transaction, events);
    return success();
  });
}

net::Task<Result<void>> DeliveriesTable::copy_failed(DeliveryId id, Instant due) {
  return engine_.write([id, due](Transaction& transaction) -> Result<void> {
    transaction.run("UPDATE sent_copy SET tries = tries + 1, due = ?2 WHERE delivery = ?1", id,
                    due);
    return success();
  });
}

}  // namespace postern::storage
