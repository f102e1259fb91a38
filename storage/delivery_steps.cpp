// The steps of a delivery's life, each one transaction:
//
//   queued, unknown (due)             → sending                           begin_attempt
//   sending, queued, unknown          → as the outcome says               finish_attempt
//   (both, of two deliveries)                                             next_attempt
//   sending                           → queued; sync: unknown             recover, recover_queue
//   queued (sync)                     → failed                            recover
//   all but sent and sending          → queued                            retry
//   queued, unknown, held             → held                              hold
//   queued, unknown, held, cancelled  → cancelled                         cancel
#include "core/bounce.hpp"
#include "core/result_codes.hpp"
#include "storage/columns.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/delivery_rows.hpp"
#include "storage/events_table.hpp"
#include "storage/threads_table.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>

namespace postern::storage {
namespace {

Error wrong_state(const Delivery& row) {
  return Error{errc::wrong_state, "the delivery is " + std::string(to_string(row.outcome.state))};
}

bool is_in(const Delivery& row, std::initializer_list<DeliveryState> states) {
  return std::find(states.begin(), states.end(), row.outcome.state) != states.end();
}

bool integration_is_there(Transaction& transaction, IntegrationId id) {
  return transaction.query("SELECT 1 FROM integration WHERE id = ?1 AND removed_at IS NULL", id)
      .step();
}

// An end that nobody tries again by himself; the recipients' results stay.
void end(Delivery& row, DeliveryState state, ResultCode code, std::string message) {
  row.outcome.state = state;
  row.outcome.result_code = static_cast<int>(code);
  row.outcome.result_message = std::move(message);
  row.outcome.retryable = retryable(code);
  row.outcome.next_attempt_at.reset();
}

void requeue(Delivery& row, Instant at) {
  auto outcome = queued_outcome(at);
  outcome.recipients = std::move(row.outcome.recipients);
  row.outcome = std::move(outcome);
}

void end_attempt(Transaction& transaction, const Delivery& row, Instant at) {
  transaction.run(
      "UPDATE delivery_attempt SET ended_at = ?3, state = ?4, result_code = ?5, "
      "result_message = ?6 WHERE delivery = ?1 AND number = ?2 AND ended_at IS NULL",
      row.id, row.attempts, at, to_string(row.outcome.state), row.outcome.result_code,
      row.outcome.result_message);
}

// What must hold of an outcome so that nothing is stuck: queued is due at some time, an end never.
DeliveryOutcome complete(DeliveryOutcome outcome, Instant at) {
  switch (outcome.state) {
    case DeliveryState::queued:
      if (!outcome.next_attempt_at) outcome.next_attempt_at = at;
      break;
    case DeliveryState::unknown:
      break;
    case DeliveryState::sending:
    case DeliveryState::sent:
    case DeliveryState::failed:
    case DeliveryState::held:
    case DeliveryState::cancelled:
      outcome.next_attempt_at.reset();
      break;
  }
  return outcome;
}

// Nobody goes on with it by himself: whoever has no result yet has that of the whole.
void end_recipients(Delivery& row) {
  auto& results = row.outcome.recipients;
  for (const auto& address : row.envelope.recipients) {
    auto found = std::ranges::find(results, address, &RecipientResult::address);
    if (found == results.end()) {
      found = results.insert(results.end(), RecipientResult());
      found->address = address;
    }
    if (found->result_code != static_cast<int>(ResultCode::queued)) continue;
    found->result_code = row.outcome.result_code;
    found->message = row.outcome.result_message;
  }
}

void recover_one(Delivery& row, Instant now) {
  const bool was_sending = row.outcome.state == DeliveryState::sending;
  if (was_sending) row.possibly_duplicated = row.possibly_duplicated || !row.sync;
  if (!row.sync) {
    requeue(row, now);
  } else if (was_sending) {
    end(row, DeliveryState::unknown, ResultCode::outcome_unknown,
        "the gateway ended while it was sending");
  } else {
    end(row, DeliveryState::failed, ResultCode::time_budget,
        "the gateway ended before it was sent");
  }
  if (row.sync) end_recipients(row);
}

std::vector<Delivery> read_all(Query query) {
  std::vector<Delivery> rows;
  while (query.step()) rows.push_back(read_delivery(query));
  return rows;
}

int recover_all(Transaction& transaction, std::vector<Delivery> rows, Instant now) {
  for (auto& row : rows) {
    recover_one(row, now);
    if (row.outcome.next_attempt_at && !integration_is_there(transaction, row.integration)) {
      end(row, DeliveryState::cancelled, ResultCode::cancelled, "the integration was removed");
    }
    end_attempt(transaction, row, now);
    update_delivery(transaction, row);
  }
  return static_cast<int>(rows.size());
}

Result<Delivery> begin(Transaction& transaction, DeliveryId id, Instant at) {
  POSTERN_TRY(auto row, get_delivery(transaction, id));
  const bool due_again = is_in(row, {DeliveryState::unknown}) && row.outcome.next_attempt_at;
  if (!is_in(row, {DeliveryState::queued}) && !due_again) return wrong_state(row);
  if (due_again) open_unknown(row);
  row.outcome.state = DeliveryState::sending;
  row.outcome.next_attempt_at.reset();
  ++row.attempts;
  update_delivery(transaction, row);
  transaction.run(
      "INSERT INTO delivery_attempt (delivery, number, began_at, state, result_code, "
      "result_message) VALUES (?1, ?2, ?3, 'sending', ?4, '')",
      id, row.attempts, at, row.outcome.result_code);
  return row;
}

void add_notes(Transaction& transaction, const Delivery& row,
               const std::vector<std::string>& notes) {
  auto all = row.notes;
  for (const auto& note : notes) {
    if (std::find(all.begin(), all.end(), note) == all.end()) all.push_back(note);
  }
  transaction.run("UPDATE delivery SET notes = ?2 WHERE id = ?1", row.id, strings_to_json(all));
}

void keep_transcript(Transaction& transaction, const Delivery& row, const Transcript& transcript) {
  transaction.run(
      "INSERT OR REPLACE INTO delivery_transcript (delivery, number, content) VALUES (?1, ?2, ?3)",
      row.id, row.attempts, boost::json::serialize(to_json(transcript)));
  transaction.run("DELETE FROM delivery_transcript WHERE delivery = ?1 AND number <= ?2", row.id,
                  row.attempts - delivery_transcripts_max);
}

Result<void> finish(Transaction& transaction, const AttemptEnd& ended, Instant at) {
  POSTERN_TRY(auto row, get_delivery(transaction, ended.id));
  if (!is_in(row, {DeliveryState::sending, DeliveryState::queued, DeliveryState::unknown})) {
    return wrong_state(row);
  }
  row.outcome = complete(keep_bounces(row.outcome, ended.outcome), at);
  row.possibly_duplicated = row.possibly_duplicated || ended.possibly_duplicated;
  if (row.outcome.state == DeliveryState::unknown) ++row.unknown_attempts;
  end_attempt(transaction, row, at);
  if (row.outcome.next_attempt_at && !integration_is_there(transaction, row.integration)) {
    end(row, DeliveryState::cancelled, ResultCode::cancelled, "the integration was removed");
  }
  update_delivery(transaction, row);
  if (row.outcome.state == DeliveryState::sent) note_sent_alias(transaction, row, at);
  if (ended.copy_wanted && row.outcome.state == DeliveryState::sent) {
    transaction.run(
        "INSERT OR IGNORE INTO sent_copy (delivery, integration, tries, due) VALUES (?1, ?2, 0, "
        "?3)",
        row.id, row.integration, at);
  }
  append_events(transaction, ended.events);
  if (!ended.notes.empty()) add_notes(transaction, row, ended.notes);
  if (ended.transcript) keep_transcript(transaction, row, *ended.transcript);
  return success();
}

}  // namespace

net::Task<Result<Delivery>> DeliveriesTable::begin_attempt(DeliveryId id, Instant at) {
  return engine_.write([id, at](Transaction& transaction) { return begin(transaction, id, at); });
}

net::Task<Result<void>> DeliveriesTable::finish_attempt(AttemptEnd ended, Instant at) {
  return engine_.write([ended = std::move(ended), at](Transaction& transaction) {
    return finish(transaction, ended, at);
  });
}

net::Task<Result<void>> Deliveries::finish_attempt(DeliveryId id, DeliveryOutcome outcome,
                                                   bool possibly_duplicated, Instant at,
                                                   std::vector<NewEvent> events, bool copy_wanted) {
  AttemptEnd end;
  end.id = id;
  end.outcome = std::move(outcome);
  end.possibly_duplicated = possibly_duplicated;
  end.events = std::move(events);
  end.copy_wanted = copy_wanted;
  return finish_attempt(std::move(end), at);
}

net::Task<Result<Turn>> DeliveriesTable::next_attempt(AttemptEnd ended, DeliveryId next,
                                                      Instant at) {
  return engine_.write(
      [ended = std::move(ended), next, at](Transaction& transaction) -> Result<Turn> {
        // Each refuses before it changes anything, so neither needs undoing for the other's sake.
        Turn turn;
        const auto kept = finish(transaction, ended, at);
        if (!kept) turn.not_ended = kept.error();
        auto begun = begin(transaction, next, at);
        if (begun) {
          turn.begun = std::move(begun).value();
        } else {
          turn.not_begun = begun.error();
        }
        return turn;
      });
}

net::Task<Result<int>> DeliveriesTable::recover(Instant now) {
  return engine_.write([now](Transaction& transaction) -> Result<int> {
    auto rows = read_all(transaction.query(
        select_delivery("WHERE state = 'sending' OR (state = 'queued' AND sync = 1) ORDER BY id")));
    return recover_all(transaction, std::move(rows), now);
  });
}

net::Task<Result<int>> DeliveriesTable::recover_queue(IntegrationId integration, Instant now) {
  return engine_.write([integration, now](Transaction& transaction) -> Result<int> {
    auto rows = read_all(transaction.query(
        select_delivery("WHERE state = 'sending' AND sync = 0 AND integration = ?1 ORDER BY id"),
        integration));
    return recover_all(transaction, std::move(rows), now);
  });
}

net::Task<Result<Delivery>> DeliveriesTable::retry(DeliveryId id, Instant now) {
  return engine_.write([id, now](Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_delivery(transaction, id));
    if (is_in(row, {DeliveryState::sent, DeliveryState::sending})) return wrong_state(row);
    if (!integration_is_there(transaction, row.integration)) {
      return Error{errc::wrong_state, "the integration was removed"};
    }
    open_unknown(row);
    // Whoever got it does not get it again; those refused get another chance.
    for (auto& result : row.outcome.recipients) {
      if (result.result_code != static_cast<int>(ResultCode::sent)) {
        result.result_code = static_cast<int>(ResultCode::queued);
        result.bounced_at.reset();
      }
    }
    const bool was_unknown = row.outcome.state == DeliveryState::unknown;
    row.possibly_duplicated = row.possibly_duplicated || was_unknown;
    row.sync = false;  // nobody waits for it any more
    requeue(row, now);
    update_delivery(transaction, row);
    return row;
  });
}

net::Task<Result<Delivery>> DeliveriesTable::hold(DeliveryId id, Instant) {
  return engine_.write([id](Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_delivery(transaction, id));
    if (!is_in(row, {DeliveryState::queued, DeliveryState::unknown, DeliveryState::held})) {
      return wrong_state(row);
    }
    row.outcome.state = DeliveryState::held;
    row.outcome.next_attempt_at.reset();
    update_delivery(transaction, row);
    return row;
  });
}

net::Task<Result<Delivery>> DeliveriesTable::cancel(DeliveryId id, Instant) {
  return engine_.write([id](Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_delivery(transaction, id));
    if (!is_in(row, {DeliveryState::queued, DeliveryState::unknown, DeliveryState::held,
                     DeliveryState::cancelled})) {
      return wrong_state(row);
    }
    end(row, DeliveryState::cancelled, ResultCode::cancelled, "cancelled");
    update_delivery(transaction, row);
    return row;
  });
}

}  // namespace postern::storage
